// Finds a busybox that needs no library, without installing anything: the machine's own where it has one, else the
// program out of Debian's package, fetched by the machine's own apt.
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { which } from 'zx';
import { UserError } from '../errors.ts';
import { $ } from './shell.ts';

/** The path of a static busybox; `folder` is where a downloaded one is kept. */
export async function findBusybox(folder: string): Promise<string> {
  const installed = await which('busybox', { nothrow: true });
  if (installed && isStatic(installed)) return installed;

  const kept = `${folder}/busybox`;
  if (!existsSync(kept)) await download(folder, kept);
  return kept;
}

/** A program that needs libraries names its loader, in a program header of type PT_INTERP. elf(5). */
export function isStatic(path: string): boolean {
  const head = Buffer.alloc(4096);
  const file = openSync(path, 'r');
  readSync(file, head);
  closeSync(file);
  if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) return false; // not ELF, or not of 64 bits

  const PT_INTERP = 3;
  const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  for (let i = 0; i < count; i++) if (head.readUInt32LE(start + i * size) === PT_INTERP) return false;
  return true;
}

/**
 * `apt-get download` needs no root and changes nothing but the folder it runs in. On a machine whose package lists are
 * empty or too old it fails; then lists of our own are fetched, beside the machine's, which need no root either.
 */
export async function download(folder: string, target: string): Promise<void> {
  if (!(await which('apt-get', { nothrow: true }))) {
    throw new UserError('a static busybox is needed, and there is none', 'install your distribution’s busybox-static');
  }
  const work = `${folder}/busybox.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(`${work}/lists/partial`, { recursive: true });
  mkdirSync(`${work}/cache/archives/partial`, { recursive: true });
  // As root apt would read and write as its own user, who may not enter our folder.
  const own = ['-o', `Dir::State::lists=${work}/lists`, '-o', `Dir::Cache=${work}/cache`, '-o', 'APT::Sandbox::User='];

  const $$ = $({ cwd: work });
  const tried = await $$({ nothrow: true })`apt-get -q -o APT::Sandbox::User= download busybox-static`;
  if (!tried.ok) {
    await $$`apt-get -q ${own} update`;
    await $$`apt-get -q ${own} download busybox-static`;
  }
  await $$`dpkg-deb -x busybox-static_*.deb tree`;
  const program = (await $$`find tree -name busybox -type f -perm -u+x`).lines()[0];
  if (!program) throw new Error('busybox-static has no program named busybox');
  renameSync(`${work}/${program}`, target);
  rmSync(work, { recursive: true, force: true });
}
