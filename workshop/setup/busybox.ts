// Finds a busybox that needs no library, without installing anything: the machine's own where it has one, else the
// program out of Debian's package, fetched by the machine's own apt.
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { which } from 'zx';
import { UserError } from '../errors.ts';
import { unpackPackage } from '../guest/packages.ts';
import { step } from './step.mjs';

/** The path of a static busybox; `folder` is where a downloaded one is kept. */
export async function findBusybox(folder: string): Promise<string> {
  const installed = await which('busybox', { nothrow: true });
  if (installed && isStatic(installed)) return installed;

  const kept = `${folder}/busybox`;
  if (existsSync(kept)) return kept;
  if (!(await which('apt-get', { nothrow: true }))) {
    throw new UserError('a static busybox is needed, and there is none', 'install your distribution’s busybox-static');
  }
  await step('busybox, out of Debian’s package', () => download(folder, kept));
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

/** Takes the program out of Debian's package; nothing is installed, and no root is needed. */
export async function download(folder: string, target: string): Promise<void> {
  const work = `${folder}/busybox.new`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await unpackPackage('busybox-static', `${work}/tree`, work, () => {});
  const program = ['bin', 'usr/bin'].map(place => `${work}/tree/${place}/busybox`).find(path => existsSync(path));
  if (!program) throw new Error('Debian’s busybox-static has no program named busybox');
  renameSync(program, target);
  rmSync(work, { recursive: true, force: true });
}
