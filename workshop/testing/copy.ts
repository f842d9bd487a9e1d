// The whole workshop once more, with its real lessons and sandbox, for tests and measurements that write where a learner writes.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { home } from '../paths.ts';

export interface Copy {
  path: string;
  /** A path of this repository, in the copy. */
  of(path: string): string;
  /** Writes the file whose counterpart here is `path`. */
  write(path: string, text: string): void;
  /** `npx boxwright ARGS` in it. */
  start(...args: string[]): ChildProcess;
  remove(): void;
}

export function copyWorkshop(): Copy {
  const path = mkdtempSync(`${tmpdir()}/boxwright-copy-`);
  const left = ['node_modules', '.git', '.cache', '.progress'].map(name => `${home}/${name}`);
  cpSync(home, path, { recursive: true, filter: each => !left.includes(each) });
  for (const name of ['node_modules', '.cache']) symlinkSync(`${home}/${name}`, `${path}/${name}`);
  const { BOXWRIGHT_GUEST: _, ...env } = process.env;
  const of = (each: string) => each.replace(home, path);
  return {
    path,
    of,
    write: (each, text) => writeFileSync(of(each), text),
    start: (...args) =>
      spawn(process.execPath, [`${path}/workshop/boxwright.mjs`, ...args], {
        cwd: path,
        env: { ...env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export interface Opened {
  /** 'http://127.0.0.1:41234' */
  origin: string;
  /** Links, with their tokens. */
  page: string;
  viewers: string;
  child: ChildProcess;
}

/** `open` in it, at a port of its own, once it listens. */
export async function openIn({ start }: Pick<Copy, 'start'>, ...args: string[]): Promise<Opened> {
  const child = start('open', ...args, '--listen', '127.0.0.1:0', '--json');
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]();
  const { urls, page, viewers } = JSON.parse((await lines.next()).value ?? '{}');
  return { origin: urls[0], page, viewers, child };
}
