// Calls on their way: a frame's entries, and what each is told when the answer has come.
import type { Call } from './call.ts';
import type { Answer } from './channel.ts';
import { errnoName } from './constants.ts';
import { SyscallError, WireError } from './errors.ts';
import type { Prepared } from './memory.ts';
import type { WireResult } from './wire.ts';

export interface Entry {
  call: Call;
  prepared: Prepared;
  resolve(value: number): void;
  reject(error: Error): void;
}

/** Calls that `together` puts into one frame, and the first mistake made meanwhile: with one, nothing is sent. */
export interface Frame {
  entries: Entry[];
  mistake: Error | null;
}

export const executes = ({ call }: Entry) => call.name === 'execve' || call.name === 'execveat';

/** Puts the answer into the calls' records and memory, and settles their promises. Returns the first failure, or null. */
export function settle(entries: Entry[], answer: Answer): Error | null {
  const exec = answer === 'executed' ? entries.findIndex(executes) : -1;
  let failure: Error | null = null;
  for (const [i, { call, prepared, resolve, reject }] of entries.entries()) {
    let error: Error | null;
    if (answer === 'executed') {
      // Nothing was written before the wire closed: of the calls before execve it is known only that they succeeded.
      if (i <= exec) call.result = 0;
      error = i <= exec ? null : new WireError(`${call.text}: not made, because execve before it succeeded`);
    } else if ('gone' in answer) {
      error = new WireError(`${call.text}: ${answer.gone}`);
    } else if (answer.refused) {
      error = new WireError(`${call.text}: ${refusal(answer.refused)}`);
    } else {
      error = finish(call, prepared, answer.results[i]);
    }
    if (error) {
      failure ??= error;
      reject(withStack(error, call));
    } else {
      resolve(call.result ?? 0);
    }
  }
  return failure;
}

function finish(call: Call, prepared: Prepared, result: WireResult | undefined): Error | null {
  if (!result) return new WireError(`${call.text}: not made, because one before it failed`);
  call.result = Number(result.value);
  if (call.failed) return new SyscallError(call.name, call.text, -call.result);
  for (const { at, bytes } of prepared.filled) bytes.set(result.block.subarray(at, at + bytes.length));
  return null;
}

function refusal(errno: number): string {
  const code = errnoName(errno);
  // The helper's word for a call that would leave two processes on one wire.
  return code === 'EOPNOTSUPP'
    ? 'refused by the helper, which cannot make this call by its number (for a new process: clone())'
    : `refused by the helper as malformed (${code})`;
}

/** The error's stack is the caller's, at the time of the call. Written out when somebody reads it: most are caught unread. */
function withStack(error: Error, call: Call): Error {
  Object.defineProperty(error, 'stack', {
    configurable: true,
    get: () => `${error.name}: ${error.message}\n${call.stack}`,
    set: value => Object.defineProperty(error, 'stack', { configurable: true, writable: true, value }),
  });
  return error;
}
