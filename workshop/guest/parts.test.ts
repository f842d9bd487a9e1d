// The guest's parts that need no machine: archives, frames, choices and folders with an owner.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { UserError } from '../errors.ts';
import { cpio } from './cpio.ts';
import { allowedCpus, leastTaken } from './cpu.ts';
import { chooseKernel } from './features.ts';
import { withDependencies } from './modules.ts';
import { makeOwned, sweepOwned } from './owned.ts';
import { unpackPackage } from './packages.ts';
import { frame, frameReader } from './wire.ts';

test('An archive has aligned and numbered records, and an end.', t => {
  const archive = cpio([
    { path: 'folder', mode: 0o040755 },
    { path: 'folder/file', mode: 0o100644, data: Buffer.from('hello') },
  ]);
  t.is(archive.length % 4, 0);
  const records = [...archive.toString('latin1').matchAll(/070701(.{8})(.{8})/g)];
  t.deepEqual(
    records.map(match => [match.index % 4, match[1], match[2]]),
    [
      [0, '00000001', '000041ed'],
      [0, '00000002', '000081a4'],
      [0, '00000003', '00000000'],
    ],
  );
  t.true(archive.includes('folder/file\0'));
  t.true(archive.includes('TRAILER!!!\0'));
});

test('Frames are read whole, however they were cut on the way.', t => {
  const sent = Buffer.concat([frame('R'), frame('O', Buffer.from('hello')), frame('X', Buffer.from([7]))]);
  for (const size of [1, 2, 4, 7, 100]) {
    const got: string[] = [];
    const read = frameReader((type, data) => got.push(`${type}${data.toString('hex')}`));
    for (let at = 0; at < sent.length; at += size) read(sent.subarray(at, at + size));
    t.deepEqual(got, ['R', 'O68656c6c6f', 'X07']);
  }
});

test('A named need chooses the kernel, and what no kernel has is refused.', t => {
  t.is(chooseKernel(undefined, [], 'x64'), 'uml');
  t.is(chooseKernel(undefined, ['cgroup2'], 'x64'), 'uml');
  t.is(chooseKernel(undefined, ['cgroup2', 'psi'], 'x64'), 'qemu');
  t.is(chooseKernel(undefined, [], 'arm64'), 'qemu');
  t.is(chooseKernel('qemu', [], 'x64'), 'qemu');
  for (const attempt of [
    () => chooseKernel(undefined, ['wings'], 'x64'),
    () => chooseKernel('uml', ['psi'], 'x64'),
    () => chooseKernel('uml', [], 'arm64'),
  ]) {
    t.is(t.throws(attempt, { instanceOf: UserError })?.status, 2);
  }
});

test('A guest takes one of the CPUs that the fewest others have.', t => {
  t.deepEqual(allowedCpus('Name:\tnode\nCpus_allowed:\tf\nCpus_allowed_list:\t0-2,5\n'), [0, 1, 2, 5]);
  t.is(leastTaken([0, 1, 2, 5], [0, 1, 1, 2]), 5);
  t.is(leastTaken([3], [3, 3]), 3);
});

test('Modules come after those that they need, each once.', t => {
  const folder = mkdtempSync(`${tmpdir()}/guest-parts-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const lines = [
    'fs/9p.ko: net/9pnet.ko fs/netfs.ko',
    'net/9pnet.ko:',
    'fs/netfs.ko:',
    'net/9pnet_virtio.ko: net/9pnet.ko',
  ];
  writeFileSync(`${folder}/modules.dep`, `${lines.join('\n')}\n`);
  const order = ['net/9pnet.ko', 'fs/netfs.ko', 'fs/9p.ko', 'net/9pnet_virtio.ko'].map(path => `${folder}/${path}`);
  t.deepEqual(withDependencies(folder, ['9p', 'built_in', '9pnet_virtio']), order);
});

test('A folder outlives a sweep as long as its maker lives, and no longer.', t => {
  const parent = mkdtempSync(`${tmpdir()}/guest-parts-`);
  t.teardown(() => rmSync(parent, { recursive: true }));
  const mine = makeOwned(parent, 'run');
  const dead = mine.replace(`-${process.pid}-`, `-${spawnSync('true').pid}-`);
  const reused = mine.replace(/run-(\d+)-\d+-/, 'run-$1-1-');
  const elsewhere = dead.replace(/-\d+-(\w+)$/, '-1-$1');
  for (const folder of [dead, reused, elsewhere]) mkdirSync(folder);

  const seen: string[] = [];
  sweepOwned(parent, 'run', folder => seen.push(folder));
  t.deepEqual(seen.sort(), [dead, reused].sort());
  t.deepEqual([mine, dead, reused, elsewhere].map(existsSync), [true, false, false, true]);
});

test.serial('A package that cannot be had is a mistake with a next step, not a stack.', async t => {
  const folder = mkdtempSync(`${tmpdir()}/guest-parts-`);
  const path = process.env.PATH;
  t.teardown(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });
  process.env.PATH = folder;
  const attempt = () => unpackPackage('some-package', `${folder}/out`, folder, () => {});
  const none = await t.throwsAsync(attempt, {
    instanceOf: UserError,
    message: /some-package: this system has no apt-get$/,
  });
  t.true((none?.next.length ?? 0) > 0);
  writeFileSync(`${folder}/apt-get`, '#!/bin/sh\necho "E: No such package" >&2; exit 100\n', { mode: 0o755 });
  await t.throwsAsync(attempt, { instanceOf: UserError, message: /some-package: E: No such package$/ });
});
