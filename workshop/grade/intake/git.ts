// Git, on objects that somebody else has made. A repository's own configuration can name programs to be run (core.fsmonitor, filters,
// hooks, a remote that lazy objects are fetched through), and other files to be read. So git never sees that repository: it gets
// an empty one of ours, and of theirs the folder of objects alone. git(1), GIT_OBJECT_DIRECTORY
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UserError } from '../../errors.ts';
import { findProgram } from '../../guest/find.ts';
import { makeOwned, removeOwned, sweepOwned } from '../../guest/owned.ts';

/** Its standard output, of at most so many bytes. */
export type Git = (args: string[], input?: string, most?: number) => Promise<Buffer>;

const prefix = 'boxwright-git';
const seconds = 60;

/** Each object is decompressed, and built from its deltas, in this much memory, or not at all. */
const memory = 2 ** 31;

/** Runs `work` with a git that knows these objects and nothing else. `hash` is one of theirs. */
export async function withGit<T>(objects: string, hash: string, work: (git: Git) => Promise<T>): Promise<T> {
  sweepOwned(tmpdir(), prefix);
  const own = makeOwned(tmpdir(), prefix);
  try {
    mkdirSync(`${own}/refs`);
    mkdirSync(`${own}/objects`);
    writeFileSync(`${own}/HEAD`, 'ref: refs/heads/none\n');
    writeFileSync(`${own}/config`, config(hash.length === 64 ? 'sha256' : 'sha1'));
    return await work((args, input, most) => run(args, environment(own, objects), input, most));
  } finally {
    removeOwned(own);
  }
}

/** Commit graphs and indexes of several packs are copies of what the objects say, which may say something else. */
const config = (format: string) => `[core]
repositoryformatversion = 1
bare = true
commitGraph = false
multiPackIndex = false
packedGitWindowSize = 32m
packedGitLimit = 256m
[extensions]
objectFormat = ${format}
`;

const environment = (own: string, objects: string) => ({
  PATH: process.env.PATH,
  LC_ALL: 'C',
  HOME: own,
  GIT_DIR: own,
  GIT_OBJECT_DIRECTORY: objects,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_ALLOW_PROTOCOL: '',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_TERMINAL_PROMPT: '0',
});

function run(args: string[], env: NodeJS.ProcessEnv, input = '', most = 1 << 20): Promise<Buffer> {
  if (!findProgram('git')) throw new UserError('git is not installed', '`apt-get install git`');
  const command = ['prlimit', `--as=${memory}`, `--cpu=${seconds}`, '--core=0', 'git', ...args];
  const bounded = findProgram('prlimit') ? command : command.slice(4);
  const options = {
    env,
    cwd: '/',
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: most,
    encoding: 'buffer',
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(bounded[0] ?? '', bounded.slice(1), options, (error, stdout) => {
      if (error) reject(new UserError('git cannot read its objects', 'have it cloned and handed in again'));
      else resolve(stdout);
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
