// The first files of the guest: our process 1, the kernel's modules that it needs at once, and a modprobe for the rest.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UserError } from '../errors.ts';
import { cpio } from './cpio.ts';
import { removeOwned } from './owned.ts';
import type { Progress } from './packages.ts';
import { workFolder } from './work-folder.ts';

const sources = new URL('./init/', import.meta.url);

/** What an initramfs is made of: `modules` are paths of `.ko` files, in the order in which they are loaded. */
export interface InitramfsParts {
  folder: string;
  modules: string[];
  busybox: string;
}

/**
 * Makes `FOLDER/initramfs-KEY.cpio`, unless it is there. The key changes with the sources of process 1, so that an edited
 * one is built anew. Returns the path.
 */
export async function makeInitramfs({ folder, modules, busybox }: InitramfsParts, progress: Progress): Promise<string> {
  const path = `${folder}/initramfs-${key()}.cpio`;
  if (existsSync(path)) return path;

  const work = workFolder(folder);
  try {
    progress("building the guest's first process");
    await compile(`${work}/init`);
    const archive = cpio([
      { path: 'dev', mode: 0o040755 },
      { path: 'dev/console', mode: 0o020600, device: [5, 1] },
      { path: 'init', mode: 0o100755, data: readFileSync(`${work}/init`) },
      { path: 'sbin', mode: 0o040755 },
      // busybox goes by the name that it is called by, and the kernel calls /sbin/modprobe.
      { path: 'sbin/modprobe', mode: 0o100755, data: readFileSync(busybox) },
      { path: 'modules', mode: 0o040755 },
      ...modules.map((module, index) => ({
        path: `modules/${String(index).padStart(2, '0')}-${basename(module)}`,
        mode: 0o100644,
        data: readFileSync(module),
      })),
    ]);
    writeFileSync(`${work}/initramfs`, archive);
    renameSync(`${work}/initramfs`, path);
  } finally {
    removeOwned(work);
  }
  removeOlder(folder, path);
  return path;
}

async function compile(result: string): Promise<void> {
  const files = sourceFiles().filter(file => file.pathname.endsWith('.c'));
  const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Wno-format-truncation', '-static'];
  try {
    await promisify(execFile)('cc', [...flags, '-o', result, ...files.map(file => fileURLToPath(file))]);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UserError(
      missing ? 'the guest needs a C compiler, and there is none' : `cc failed: ${(error as Error).message}`,
      'install one: `apt-get install gcc libc6-dev`',
    );
  }
}

function sourceFiles(): URL[] {
  return readdirSync(sources)
    .sort()
    .map(name => new URL(name, sources));
}

function key(): string {
  const hash = createHash('sha256');
  for (const file of sourceFiles()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

function removeOlder(folder: string, current: string): void {
  for (const name of readdirSync(folder)) {
    if (/^initramfs-.*\.cpio$/.test(name) && `${folder}/${name}` !== current)
      rmSync(`${folder}/${name}`, { force: true });
  }
}
