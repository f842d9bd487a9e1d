// Lesson 17 beside Buildah: of the same Containerfile and the same context comes the same tree with the same configuration.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { openImage, unpack } from '#15-oci-image';
import type { Image, ProcessConfig } from '#images';
import { findProgram } from '../../doctor/facts.ts';
import { differences, type Listing, list } from '../images/listing.ts';
import { type Buildah, buildahIn } from './buildah.ts';
import { type Case, cases } from './cases.ts';
import { type Bench, makeFolder, openBench, writeBase, writeContext } from './context.ts';

const missing = ['buildah', 'skopeo'].filter(name => !findProgram(name));
const reason =
  (process.getuid?.() !== 0 && 'Buildah’s chroot isolation is for root here') ||
  (missing.length > 0 && `${missing.join(', ')}: not installed`);

const folder = makeFolder();
let buildah: Buildah;
let bench: Bench;

if (!reason)
  test.before(async () => {
    buildah = buildahIn(`${folder}/buildah`);
    bench = await openBench(`${folder}/store`);
    // The base image is Buildah's in both.
    writeBase(`${folder}/base`);
    buildah.build(`${folder}/base`, 'base');
    buildah.save('base', `${folder}/base-layout`);
    const places = [`oci:${folder}/base-layout:latest`, `oci:${folder}/store:base`];
    execFileSync('skopeo', ['copy', '-q', '--insecure-policy', ...places]);
  });
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** What both say in one way: in one order, and nothing that has nothing in it. */
function normal({ config = {}, author }: Image['config']): unknown {
  const { Labels = {}, Env = [], ...others } = config as ProcessConfig & Record<string, unknown>;
  // Buildah signs with its version.
  const labels = Object.fromEntries(
    Object.entries(Labels)
      .filter(([name]) => name !== 'io.buildah.version')
      .sort(),
  );
  const all = Object.entries({ ...others, Labels: labels, Env: Env.toSorted(), author });
  return Object.fromEntries(all.filter(([, value]) => value && Object.keys(value as object).length > 0).sort());
}

/** A time of the build is as good as any other; a time of before is to be kept. */
function timeless(listing: Listing, started: bigint): Listing {
  const now = (mtime: string) => (BigInt(mtime) >= started ? 'now' : mtime);
  return new Map([...listing].map(([path, each]) => [path, { ...each, mtime: now(each.mtime) }]));
}

async function compare(t: ExecutionContext, name: string, one: Case): Promise<void> {
  const started = BigInt(Date.now() - 2000) * 1_000_000n;
  const context = `${folder}/${name.replace(/\W+/g, '-')}`;
  writeContext(context, one);
  const { image } = await bench.build(context, one.args && { args: one.args });
  const args = Object.entries(one.args ?? {}).map(pair => `--build-arg=${pair.join('=')}`);
  buildah.build(context, 'case', [...args, '--no-cache']);
  rmSync(`${folder}/theirs`, { recursive: true, force: true });
  buildah.save('case', `${folder}/theirs`);
  const theirs = await openImage(`${folder}/theirs`);

  t.deepEqual(normal(image.config), normal(theirs.config), 'the configuration');
  const trees: Listing[] = [];
  for (const each of [image, theirs]) {
    const tree = `${folder}/tree`;
    rmSync(tree, { recursive: true, force: true });
    await unpack(each, tree);
    trees.push(timeless(await list(tree), started));
  }
  const [our = new Map(), their = new Map()] = trees;
  t.true(our.size > 100);
  t.deepEqual(differences(our, their), [], 'the tree');
}

for (const [name, each] of Object.entries(cases)) {
  if (reason) test.skip(`beside Buildah: ${name} (skipped: ${reason})`, () => {});
  else test.serial(`beside Buildah: ${name}`, t => compare(t, name, each));
}
