// An image of a hundred layers, made by umoci, and without the folders that a container mounts on: it runs all the same.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { contain, openImage, unpackLayers } from '#15-oci-image';
import { findProgram } from '../../doctor/facts.ts';
import { baseRootfs } from '../../paths.ts';
import { $ } from '../../setup/shell.ts';

const isRoot = process.getuid?.() === 0;

const missing = !findProgram('umoci');

(isRoot && !missing ? test : test.skip)('more layers than one mount can name, and no /proc, /sys or /dev', async t => {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-layers-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  // The container's root is somebody else on the host, and must get to its folder.
  chmodSync(folder, 0o755);
  const umoci = `cd ${folder}
    umoci init --layout image && umoci new --image image:many
    cp -a ${baseRootfs} base && rm -rf base/proc base/sys base/dev
    add() { tar -C $1 -cf layer.tar . && umoci raw add-layer --image image:many layer.tar; }
    add base
    for i in $(seq 99); do mkdir -p one/$i && echo $i > one/$i/mine && echo $i > one/last && add one && rm -rf one; done`;
  await $`sh -ec ${umoci}`;

  const image = await openImage(`${folder}/image`, 'many');
  t.is(image.manifest.layers.length, 100);
  mkdirSync(`${folder}/containers`);
  const spec = { image, store: `${folder}/layers`, containers: `${folder}/containers` };
  t.true((await unpackLayers(image, spec.store)).length < 100);
  const right = 'test "$(cat /1/mine /50/mine /99/mine /last | tr -d "\\n")" = 1509999';
  const box = await contain({
    ...spec,
    command: ['/bin/sh', '-c', `${right} && test -c /dev/null && test -d /proc/1`],
  });
  t.is((await box.exited).code, 0);
});
