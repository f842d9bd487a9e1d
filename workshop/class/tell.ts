// Tells the board how far the learner is, after a verdict: in the background, quietly, and never at the verdict's cost. What could not be
// sent goes with the next one, because each message is the whole.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readProgress } from '../progress.ts';
import { BoardError, sendProgress } from './ask.ts';
import { makeExport } from './export.ts';
import { readMember, updateMember } from './member.ts';

/** Milliseconds for a message on its way. */
const patience = 3000;

/** Sends what there is now; the trouble, where there was one. Nothing where no board was joined. */
export async function tellOnce(folder?: string, signal = AbortSignal.timeout(patience)): Promise<BoardError | null> {
  const { board } = readMember(folder);
  if (!board) return null;
  try {
    await sendProgress(board.url, board.secret, makeExport(readProgress(folder), board.name), signal);
    updateMember(member => {
      if (member.board?.secret === board.secret) member.board.reachedAt = new Date().toISOString();
    }, folder);
    return null;
  } catch (error) {
    if (error instanceof BoardError) return error;
    throw error;
  }
}

/** For a command that ends at once: a process of its own sends it. It ends when that is done, or after `patience`. */
export function tellLater(): void {
  if (!readMember().board) return;
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}

export interface Teller {
  /** After each verdict. */
  tell(): void;
  close(): void;
}

/** For a command that stays: one message at a time, the newest. `trouble` gets a line, the first time that the board is not reached. */
export function openTeller(trouble: (line: string) => void): Teller {
  let [wanted, silent] = [false, false];
  let sending: Promise<void> | null = null;
  const closed = new AbortController();

  async function work(): Promise<void> {
    while (wanted) {
      wanted = false;
      const error = await tellOnce(undefined, signal()).catch(wrong => wrong as Error);
      if (closed.signal.aborted) return;
      if (error && !silent) trouble(lineFor(error));
      silent = error !== null;
    }
    sending = null;
  }
  const signal = () => AbortSignal.any([closed.signal, AbortSignal.timeout(patience)]);
  return {
    tell() {
      wanted = true;
      sending ??= work();
    },
    close() {
      if (sending) tellLater();
      closed.abort();
    },
  };
}

function lineFor(error: Error): string {
  const kind = error instanceof BoardError ? error.kind : 'refused';
  if (kind === 'unknown')
    return 'the instructor’s board does not know you any more: `npx boxwright join` again, or `leave`';
  if (kind === 'refused') return `the instructor’s board refused your progress: ${error.message}`;
  return `the board cannot be reached (${error.message}); the next verdict tells it all`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await tellOnce().catch(() => {});
