// One reading of one process: whom it is about, and what could not be read. A part that the kernel refuses is noted and left
// out; when the process itself has ended meanwhile, there is nothing left to say of it, and the whole reading ends.
import { existsSync } from 'node:fs';
import { type NamespaceKind, readNamespace, readStartTime, type SyscallError, WireError } from '#linux';
import { UserError } from '../../errors.ts';
import type { Xray } from '../types.ts';

export interface Reading {
  pid: number;
  /** A process whose namespaces are the host's. */
  host: number;
  unread: Xray['unread'];
  signal: AbortSignal | undefined;
  /** Does it; null, and a note of what is missing and why, where the kernel refuses. */
  attempt<T>(what: string, read: () => T): T | null;
  attemptAsync<T>(what: string, read: () => Promise<T>): Promise<T | null>;
  /** Throws when the process is gone, or its number is another's by now. */
  confirm(): void;
}

export function startReading(pid: number, host: number, signal?: AbortSignal): Reading {
  if (!existsSync(`/proc/${pid}`)) throw noSuchProcess(pid);
  const started = readStartTime(pid);
  const unread: Xray['unread'] = [];

  const confirm = () => {
    signal?.throwIfAborted();
    if (!existsSync(`/proc/${pid}`) || (started !== null && readStartTime(pid) !== started && !isZombie(pid)))
      throw new UserError(`process ${pid} ended while it was looked at`, 'name one that runs: `ps -e` lists them');
  };
  const refused = (what: string, error: unknown) => {
    const why = reasonFor(error, pid);
    if (why === null) throw error;
    confirm();
    unread.push({ what, why });
    return null;
  };
  return {
    ...{ pid, host, unread, signal, confirm },
    attempt(what, read) {
      try {
        return read();
      } catch (error) {
        return refused(what, error);
      }
    },
    async attemptAsync(what, read) {
      try {
        return await read();
      } catch (error) {
        return refused(what, error);
      }
    },
  };
}

export const noSuchProcess = (pid: number) =>
  new UserError(`there is no process ${pid}`, 'name one that runs: `ps -e` lists them');

/** Whether both are in the same namespace, as far as that may be read. */
export function sameNamespace(a: number, b: number, kind: NamespaceKind): boolean | null {
  try {
    return readNamespace(a, kind) === readNamespace(b, kind);
  } catch {
    return null;
  }
}

/** The kernel's reason, and what to do about it; null when it was no refusal but a mistake of ours. */
function reasonFor(error: unknown, pid: number): string | null {
  const { code, message, meaning } = error as NodeJS.ErrnoException & Partial<SyscallError>;
  if (error instanceof WireError) return `${message.split(' (')[0]}: \`npm start\` builds it`;
  if (typeof code !== 'string' && !(error instanceof Refused)) return null;
  if (code === 'EACCES' || code === 'EPERM')
    return `${code}: another user’s process, or one with more rights than you: \`sudo npx boxwright xray ${pid}\``;
  if (isZombie(pid)) return `${code ?? message}: it has ended, and waits for its parent to ask how (a zombie)`;
  return typeof code !== 'string' ? message : `${code}: ${meaning ?? message.replace(/^\w+: /, '')}`;
}

/** A refusal that is told by a program's message and not by an errno. */
export class Refused extends Error {
  override name = 'Refused';
}

const isZombie = (pid: number) => existsSync(`/proc/${pid}/stat`) && readStartTime(pid) === null;
