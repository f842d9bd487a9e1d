// Tries things instead of guessing: in a child process with namespaces of its own, on a tmpfs of its own, so that whatever
// is mounted or made vanishes with the child and the machine is as it was.
import { execFile } from 'node:child_process';

export interface Outcome {
  ok: boolean;
  stdout: string;
  /** What the program complained of, in one line. */
  complaint: string;
}

/** Runs a program of the machine; never rejects, not even when there is no such program. */
export function attempt(program: string, args: string[]): Promise<Outcome> {
  return new Promise(resolve => {
    execFile(program, args, { timeout: 10_000, env: { PATH: searchPath, LC_ALL: 'C' } }, (error, stdout, stderr) => {
      const complaint = stderr.trim().split('\n').at(-1) || error?.message.split('\n')[0] || '';
      resolve({ ok: error === null, stdout, complaint });
    });
  });
}

/**
 * Where the machine's own programs are: without the npm scripts' folder, where one of our packages has a program named
 * `nft`, and with the administrators' folders, which are missing from many users' PATH.
 */
export const searchPath = [
  ...(process.env.PATH ?? '').split(':'),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
]
  .filter(folder => folder !== '' && !folder.endsWith('/node_modules/.bin'))
  .join(':');

/** What an overlay can do here, each step a word when it worked; see the script. */
export type OverlayStep = 'namespace' | 'overlay' | 'opaque' | 'nested';

/**
 * Makes an overlay on a tmpfs; removes a folder of the lower layer and makes it anew, which must then be empty (the mark for
 * that is an extended attribute of the upper layer); and stacks one more overlay on top. overlayfs, "Whiteouts and opaque directories".
 */
export async function tryOverlay(user: boolean): Promise<{ steps: Set<OverlayStep>; complaint: string }> {
  const script = `echo namespace; mount -t tmpfs none /tmp; cd /tmp
    mkdir -p lower/folder upper work merged upper2 work2 merged2; : >lower/folder/file
    mount -t overlay -o $1lowerdir=lower,upperdir=upper,workdir=work none merged; echo overlay
    if rm -r merged/folder && mkdir merged/folder && test ! -e merged/folder/file; then echo opaque; fi
    mount -t overlay -o $1lowerdir=merged,upperdir=upper2,workdir=work2 none merged2; echo nested`;
  const flags = user ? ['--user', '--map-root-user', '--mount'] : ['--mount'];
  const tried = await attempt('unshare', [...flags, 'sh', '-euc', script, 'sh', user ? 'userxattr,' : '']);
  return { steps: new Set(tried.stdout.split('\n').filter(Boolean) as OverlayStep[]), complaint: tried.complaint };
}
