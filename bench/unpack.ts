// Whole commands that unpack an image on a tmpfs, every digest verified, beside other people's: Debian's smallest system in one layer,
// and a hundred small layers. Time, and the most memory that all of a command's processes had.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Image } from '#images';
import { readChildren } from '#linux';
import { home } from '../workshop/paths.ts';
import { debianImage } from '../workshop/peers/images/debian.ts';
import { images } from '../workshop/peers/images/recipes.ts';
import { inTurn, median, table } from './measure.ts';

const rounds = Number(process.env.ROUNDS ?? 7);

/** On a tmpfs of its own, in a mount namespace of its own: with the last process all of it goes, Podman's locks too. */
export async function benchUnpack(): Promise<void> {
  const node = [process.execPath, '--conditions=solution', '--no-warnings', fileURLToPath(import.meta.url)];
  const onTmpfs = 'mount -t tmpfs -o mode=1777 tmpfs /dev/shm && exec "$@"';
  const shell = ['--mount', '--propagation=private', 'sh', '-c', onTmpfs, 'sh', ...node];
  execFileSync('unshare', shell, { stdio: 'inherit' });
}

async function measure(): Promise<void> {
  const folder = mkdtempSync('/dev/shm/boxwright-bench-');
  images.find(({ name }) => name === 'a hundred small layers')?.make(`${folder}/hundred`);
  const debian = debianImage();
  if ('reason' in debian) console.log(`\nNothing of Debian: ${debian.reason}`);
  else {
    execFileSync('cp', ['-r', debian.layout, `${folder}/debian`]);
    await compare(folder, 'Debian, one layer of gzip', 'debian', 'gzip');
    await compare(folder, 'Debian, one layer of zstd', 'debian', 'zstd');
  }
  await compare(folder, 'A hundred small layers of gzip', 'hundred', 'image');
}

/** Shell, for each contender; $target is not there yet. */
function contendersFor(image: Image, name: string, archive: string, isZstd: boolean): Record<string, string> {
  const { layout, manifest } = image;
  const blobs = manifest.layers.map(({ digest }) => `${layout}/blobs/${digest.replace(':', '/')}`).join(' ');
  const box = `'${process.execPath}' --max-semi-space-size=2 --conditions=solution --no-warnings '${home}/box/box.mjs'`;
  const podman = (driver: string) =>
    `podman --root $target/root --runroot $target/run --storage-driver ${driver} load --quiet --input ${archive}`;
  const tar = 'tar --extract --numeric-owner --xattrs --xattrs-include="*" --directory=$target';
  const program = isZstd ? 'zstd' : 'gzip';
  return {
    'box unpack': `${box} unpack oci:${layout}:${name} $target`,
    // It refuses zstd.
    ...(!isZstd && {
      'umoci raw unpack': `umoci raw unpack --image ${layout}:${name} $target`,
      'umoci unpack': `umoci unpack --image ${layout}:${name} $target`,
    }),
    'podman load, overlay': podman('overlay'),
    'podman load, vfs': podman('vfs'),
    [`tar and ${program}`]: `mkdir $target; for blob in ${blobs}; do ${tar} --${program} --file $blob; done`,
    // Both digests, of what is stored and of what is in it, as an image's documents name them.
    [pipelineOf(isZstd)]: `mkdir $target; mkfifo $target.a $target.b
      for blob in ${blobs}; do
        sha256sum <$target.a & sha256sum <$target.b &
        tee $target.a <$blob | ${program} -dc | tee $target.b | ${tar}
        wait
      done`,
  };
}

const pipelineOf = (isZstd: boolean) => `tar, ${isZstd ? 'zstd' : 'gzip'} and two sha256sum`;

async function compare(folder: string, title: string, layout: string, name: string): Promise<void> {
  const isZstd = name === 'zstd';
  const { openImage } = await import('#15-oci-image');
  const image = await openImage(`${folder}/${layout}`, name);
  const archive = `${folder}/${layout}-${name}.tar`;
  execFileSync('skopeo', ['copy', '--quiet', `oci:${folder}/${layout}:${name}`, `oci-archive:${archive}:image`]);
  const contenders = contendersFor(image, name, archive, isZstd);

  let serial = 0;
  const run = (script: string) => start(script, `${folder}/target${serial++}`);
  const clear = async () => {
    for (const each of readdirSync(folder).filter(each => each.startsWith('target')))
      execFileSync('rm', ['-rf', `${folder}/${each}`]);
  };
  const memory: Record<string, number> = {};
  for (const [contender, script] of Object.entries(contenders)) {
    memory[contender] = await peakOf(run(script));
    await clear();
  }
  const each = Object.entries(contenders).map(([contender, script]) => [contender, () => run(script).ended]);
  const times = await inTurn(rounds, Object.fromEntries(each), clear);
  await clear();

  const theirs = median(times[pipelineOf(isZstd)] ?? []);
  console.log(`\n${title}: seconds, ${rounds} rounds in turn, and the most MiB in memory\n`);
  const rows = Object.entries(times).map(([contender, all]) => [
    contender,
    ...[Math.min(...all) / 1000, median(all) / 1000, median(all) / theirs, (memory[contender] ?? 0) / 1024],
  ]);
  console.log(table(['', 'least', 'median', "of the pipeline's", 'MiB'], rows));
}

function start(script: string, target: string): { pid: number; ended: Promise<void> } {
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    env: { ...process.env, target },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', data => {
    said += data;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', code => (code === 0 ? resolve() : reject(new Error(`${script}\nended with ${code}: ${said}`))));
  });
  return { pid: child.pid ?? 0, ended };
}

/** Kibibytes: of the processes that run at once, the most that each has had so far, added up. VmHWM in proc(5) */
async function peakOf({ pid, ended }: { pid: number; ended: Promise<void> }): Promise<number> {
  const look = (each: number): number => {
    try {
      const [, peak = 0] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${each}/status`, 'utf8')) ?? [];
      return readChildren(each).reduce((sum, child) => sum + look(child), Number(peak));
    } catch {
      // It has ended meanwhile.
      return 0;
    }
  };
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  let most = 0;
  while (!isOver) {
    most = Math.max(most, look(pid));
    await Promise.race([over, sleep(5)]);
  }
  return most;
}

if (import.meta.main) await measure();
