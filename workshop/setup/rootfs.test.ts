// The base root file system, made twice from the busybox that set-up found, and looked at from outside.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { baseRootfs } from '../paths.ts';
import { isStatic } from './busybox.ts';
import { makeRootfs } from './rootfs.ts';

const busybox = `${baseRootfs}/bin/busybox`;
const folder = mkdtempSync(join(tmpdir(), 'boxwright-rootfs-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

/** Every path with all that a copy of the tree would have to have in common. */
function describe(root: string, path = '.'): string[] {
  const at = join(root, path);
  const stat = lstatSync(at);
  const kind = stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? readlinkSync(at) : digest(at);
  const line = `${path} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${stat.mtimeMs} ${kind}`;
  const below = stat.isDirectory() ? readdirSync(at).sort() : [];
  return [line, ...below.flatMap(name => describe(root, join(path, name)))];
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

test('the same busybox gives the same tree, whatever the umask and whatever was there before', async t => {
  await makeRootfs(`${folder}/one`, busybox);
  const first = describe(`${folder}/one`);
  const umask = process.umask(0o077);
  await makeRootfs(`${folder}/two`, busybox).finally(() => process.umask(umask));
  t.deepEqual(describe(`${folder}/two`), first);

  rmSync(`${folder}/two/bin/sh`);
  await makeRootfs(`${folder}/two`, busybox);
  t.deepEqual(describe(`${folder}/two`), first);
  t.deepEqual(readdirSync(folder).sort(), ['one', 'two'], 'nothing half made is left beside it');
});

test('the tree that set-up made has a name for each of busybox’s commands, and no link leads out of it', t => {
  const commands = execFileSync(busybox, ['--list-full'], { encoding: 'utf8' }).trim().split('\n');
  t.true(commands.length > 200);
  for (const path of commands.filter(path => path.includes('/'))) {
    t.is(statSync(join(baseRootfs, path)).ino, statSync(busybox).ino, path);
  }
});

test('it has places to mount on, empty, and modes as on a real machine', t => {
  for (const name of ['dev', 'proc', 'sys', 'mnt']) t.deepEqual(readdirSync(join(baseRootfs, name)), [], name);
  const mode = (path: string) => statSync(join(baseRootfs, path)).mode & 0o7777;
  t.deepEqual(
    [mode('.'), mode('tmp'), mode('var/tmp'), mode('root'), mode('etc/passwd')],
    [0o755, 0o1777, 0o1777, 0o755, 0o644],
  );
});

test('its busybox needs no library, and the test for that tells a program that does', t => {
  t.true(isStatic(busybox));
  t.false(isStatic(process.execPath));
  t.false(isStatic('/etc/passwd'));
});

test('a shell runs in it', t => {
  const user = process.geteuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = 'echo "$0 as $(whoami) in $(. /etc/os-release; echo $NAME)"; ls / | wc -l';
  const enter = ['--mount', '--root', baseRootfs, '/bin/sh', '-c', script];
  const said = execFileSync('unshare', [...user, ...enter], { encoding: 'utf8', env: { PATH: process.env.PATH } });
  t.is(said, `/bin/sh as root in Boxwright\n${readdirSync(baseRootfs).length}\n`);
});
