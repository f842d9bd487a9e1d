// Runs hostile things in sandboxes: disposable copies of this machine, so that a hole in the software harms nobody.

import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { MS } from '#linux';
import { openSandbox } from '../sandbox/sandbox.ts';
import { openWorkshop, ordinaryUser } from '../sandbox/user.ts';
import { place } from './case.ts';
import { layout } from './judge.ts';

/** Runs a program of this folder in a sandbox of its own, as its root; `as` is whose the victim is. What it prints, line by line. */
export async function runStage<T>(
  program: 'stage.ts' | 'fuzz/stage.ts',
  as: 'root' | 'user',
  order: unknown,
  tell: (line: T) => void,
): Promise<void> {
  // In a guest, whose root nobody misses, it is the machine's own: then there are devices.
  const privileged = process.env.BOXWRIGHT_GUEST !== undefined;
  const sandbox = await openSandbox({ stdio: ['pipe', 'pipe', 'pipe'], privileged });
  try {
    const { box } = sandbox;
    await openWorkshop(sandbox, box).catch(() => {});
    // Small, so that what fills a disk has soon filled it.
    const folders = { [place]: 'size=48m,nr_inodes=32k', [dirname(layout)]: 'size=256m' };
    for (const [folder, options] of Object.entries(folders)) {
      await box.mkdir(folder, 0o755);
      await box.mount('hostile', folder, 'tmpfs', MS.NOSUID, `mode=755,${options}`);
    }
    const user = as === 'root' ? 0 : ordinaryUser(sandbox);
    const path = fileURLToPath(new URL(program, import.meta.url));
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: '/root' };
    await box.execve(process.execPath, ['node', '--conditions=solution', '--no-warnings', path, String(user)], env);
    box.stdin?.end(JSON.stringify(order));
    const errors = text(box.stderr as Readable);
    for await (const line of linesOf(box.stdout as Readable)) tell(JSON.parse(line));
    const { code, signal } = await box.exited;
    if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}: ${await errors}`);
  } finally {
    await sandbox.end();
  }
}

/** By newlines alone: node:readline takes U+2028 for one, which is among the things that are tried here. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
