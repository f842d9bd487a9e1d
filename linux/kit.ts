// What the tests here and in helper-c share.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { BPF, CLONE, PR, SECCOMP, SYS } from './constants.ts';
import { pointing } from './memory.ts';
import { Process, type StartOptions } from './process.ts';
import { ReplyReader, type WireReply } from './wire.ts';

export const helper = fileURLToPath(new URL('../helper-c/build/boxwright-helper', import.meta.url));

/** A test where it can run; elsewhere one that is skipped, and says why. */
export const unless =
  (reason: string | false) =>
  (title: string, run: (t: ExecutionContext) => unknown): void => {
    if (reason) test.skip(`${title} (skipped: ${reason})`, () => {});
    else test(title, run);
  };

export const notHere =
  process.platform !== 'linux' ? 'it needs Linux' : !existsSync(helper) && 'the helper is not built: make -C helper-c';

export const here = unless(notHere);

/** What an ordinary user must add to get any other namespace. */
export const own = process.getuid?.() === 0 ? 0 : CLONE.NEWUSER;

/** A process that the test's end ends, whatever became of it. */
export async function start(t: ExecutionContext, options?: StartOptions): Promise<Process> {
  const box = await Process.start(options);
  t.teardown(() => box.end());
  return box;
}

/** Makes an ordinary user root in the user namespace that `own` has made. user_namespaces(7) */
export function becomeRoot(box: Process): void {
  if (own === 0) return;
  writeFileSync(`/proc/${box.pid}/setgroups`, 'deny');
  writeFileSync(`/proc/${box.pid}/uid_map`, `0 ${process.getuid?.()} 1`);
  writeFileSync(`/proc/${box.pid}/gid_map`, `0 ${process.getgid?.()} 1`);
}

/** All that comes out of a pipe until its end. */
export async function output(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += chunk;
  return text;
}

/** Waits until it is so. Two minutes at most: a busy machine is no fault, and who waits in vain has failed anyway. */
export async function eventually(isSo: () => boolean): Promise<boolean> {
  for (const end = performance.now() + 120_000; performance.now() < end; await sleep(10)) if (isSo()) return true;
  return isSo();
}

/** Whether the process still runs: a zombie does not. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The helper with nothing of ours in front of it: bytes in, replies out. */
export function raw(command: string[] = [helper]) {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const wire = child.stdio[3] as Socket;
  const reader = new ReplyReader();
  const replies: WireReply[] = [];
  const stderr = output(child.stderr);
  const stdout = output(child.stdout);
  wire.on('data', data => replies.push(...reader.add(data)));
  wire.on('error', () => {});
  const exited = new Promise<{ code: number | null; signal: string | null }>(resolve =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  );
  /** The next reply, or null when the wire has closed without one. */
  async function reply(): Promise<WireReply | null> {
    while (replies.length === 0 && !wire.closed) await sleep(1);
    return replies.shift() ?? null;
  }
  return { pid: child.pid ?? 0, wire, replies, reply, exited, stderr, stdout, kill: () => child.kill('SIGKILL') };
}

/** A filter that answers these calls with an errno and lets all others pass, and the two calls that put it in place. */
export function forbid(box: Process, errno: number, ...names: string[]): Promise<number>[] {
  const instruction = (code: number, k: number, yes = 0, no = 0) => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(code, 0);
    bytes.writeUInt8(yes, 2);
    bytes.writeUInt8(no, 3);
    bytes.writeUInt32LE(k, 4);
    return bytes;
  };
  const program = [
    instruction(BPF.LD | BPF.W | BPF.ABS, 0), // struct seccomp_data begins with the call's number
    ...names.map((name, i) => instruction(BPF.JMP | BPF.JEQ | BPF.K, SYS[name] ?? 0, names.length - i)),
    instruction(BPF.RET | BPF.K, SECCOMP.RET_ALLOW),
    instruction(BPF.RET | BPF.K, SECCOMP.RET_ERRNO | errno),
  ];
  const head = Buffer.alloc(16);
  head.writeUInt16LE(program.length, 0);
  const filter = pointing(head, [[8, Buffer.concat(program)]]);
  return [box.prctl(PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0), box.syscall('seccomp', SECCOMP.SET_MODE_FILTER, 0, filter)];
}
