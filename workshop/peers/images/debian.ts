// Debian's smallest system as an image, as mmdebstrap makes it: 9,500 entries in one layer. Made once, and kept in .cache, for it comes
// from the network and takes half a minute.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { digestOf } from '#images';
import { cache } from '../../paths.ts';
import { sh, shell, toZstd } from './make.ts';

const recipe = sh`
  export LC_ALL=C.UTF-8 SOURCE_DATE_EPOCH=1700000000
  timeout 180 mmdebstrap --quiet --variant=minbase bookworm "$folder/debian.tar"
  umoci init --layout "$folder/layout"
  umoci new --image "$folder/layout:gzip"
  umoci raw add-layer --image "$folder/layout:gzip" "$folder/debian.tar"
  umoci config --image "$folder/layout:gzip" --config.cmd bash --config.env PATH=/usr/sbin:/usr/bin:/sbin:/bin
  ${toZstd}
  toZstd "$folder/layout:gzip" "$folder/layout:zstd"
  rm "$folder/debian.tar"
`;

/** An image layout with the tags `gzip` and `zstd`; or why there is none. */
export function debianImage(): { layout: string } | { reason: string } {
  const layout = `${cache}/images/debian-${digestOf(recipe).slice(7, 19)}`;
  if (existsSync(layout)) return { layout };
  mkdirSync(`${cache}/images`, { recursive: true });
  const folder = mkdtempSync(`${cache}/images/unfinished-`);
  try {
    shell(recipe, { folder });
    // What an older recipe made.
    for (const name of readdirSync(`${cache}/images`).filter(each => each.startsWith('debian-')))
      rmSync(`${cache}/images/${name}`, { recursive: true });
    renameSync(`${folder}/layout`, layout);
    return { layout };
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error)
      .trim()
      .split('\n')
      .at(-1);
    return { reason: `mmdebstrap could not make it here: ${said}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
