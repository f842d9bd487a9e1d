// Long texts go through a pager, as git's do; without a terminal, or where the screen holds them, they are printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export async function page(text: string, wanted = true): Promise<void> {
  const { isTTY, rows = 24 } = process.stdout;
  const fits = text.split('\n').length < rows;
  if (!wanted || !isTTY || !process.stdin.isTTY || fits || !(await throughPager(text))) console.log(text);
}

/** False when there is no such program. */
async function throughPager(text: string): Promise<boolean> {
  const { PAGER, LESS = '-R', LESSCHARSET = 'utf-8' } = process.env;
  const pager = spawn('sh', ['-c', PAGER || 'less'], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...process.env, LESS, LESSCHARSET },
  });
  // Ctrl-C is the pager's own to answer; and one that is left before the end closes the pipe early.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  pager.stdin.on('error', ignore);
  pager.stdin.end(`${text}\n`);
  try {
    const [status] = (await once(pager, 'exit')) as [number | null];
    return status !== 127 && status !== 126;
  } catch {
    return false;
  } finally {
    process.off('SIGINT', ignore);
  }
}
