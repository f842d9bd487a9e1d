// Takes files out of Debian packages without installing them, and without root: apt fetches, dpkg-deb unpacks.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { UserError } from '../errors.ts';

const run = promisify(execFile);

export type Progress = (line: string) => void;

export interface PackageOptions {
  /** Debian's name of another architecture than this machine's: 'i386'. The machine's own apt need not know of it. */
  architecture?: string;
  signal?: AbortSignal;
}

/**
 * Puts the files of `name` into `folder`, which is made. `work` is an empty folder for what comes in between. Returns the path of the
 * package's own file, which stays in `work`.
 */
export async function unpackPackage(
  name: string,
  folder: string,
  work: string,
  progress: Progress,
  options: PackageOptions = {},
): Promise<string> {
  mkdirSync(`${work}/${name}`, { recursive: true });
  mkdirSync(folder, { recursive: true });
  progress(`fetching the package ${name}`);
  await apt(['download', name], work, progress, options, `${work}/${name}`);
  const file = readdirSync(`${work}/${name}`).find(entry => entry.endsWith('.deb'));
  if (!file) throw cannotFetch(name, 'apt-get download left no file');
  progress(`unpacking ${name}`);
  await run('dpkg-deb', ['-x', `${work}/${name}/${file}`, folder], { signal: options.signal });
  return `${work}/${name}/${file}`;
}

/** The package that a package of no content of its own, such as linux-image-amd64, stands for now. */
export async function dependencyOf(
  name: string,
  pattern: RegExp,
  work: string,
  progress: Progress,
  options: PackageOptions = {},
): Promise<string> {
  const { stdout } = await apt(['depends', name], work, progress, options);
  const found = pattern.exec(stdout)?.[0];
  if (!found) throw cannotFetch(name, 'it depends on no package of the expected name');
  return found;
}

/** Runs apt-get or apt-cache; where its lists are empty or old, or of another architecture, with fresh lists of our own. */
async function apt(
  args: string[],
  work: string,
  progress: Progress,
  { architecture, signal }: PackageOptions,
  cwd = work,
): Promise<{ stdout: string }> {
  const state = `${work}/${architecture ?? 'own'}`;
  const own = [`-oDir::State::lists=${state}/lists`, `-oDir::Cache=${state}/cache`];
  // What is installed here is of another architecture: apt is shown a machine on which nothing is.
  const foreign = ['-oDir::State::status=/dev/null', `-oAPT::Architectures=${architecture}`];
  if (architecture) own.push(...foreign, `-oAPT::Architecture=${architecture}`);
  try {
    return await callApt(args, architecture ? own : [], cwd, signal);
  } catch {
    signal?.throwIfAborted();
    mkdirSync(`${state}/lists/partial`, { recursive: true });
    mkdirSync(`${state}/cache/archives/partial`, { recursive: true });
    progress('fetching the lists of packages');
    // A list that cannot be had matters if the package is on it, and not otherwise.
    const update = await callApt(['update'], own, work, signal).then(
      () => null,
      (error: Error) => error,
    );
    try {
      return await callApt(args, own, cwd, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw cannotFetch(args.at(-1) ?? '', (update ?? (error as Error)).message);
    }
  }
}

async function callApt(
  args: string[],
  settings: string[],
  cwd: string,
  signal?: AbortSignal,
): Promise<{ stdout: string }> {
  const program = args[0] === 'depends' ? 'apt-cache' : 'apt-get';
  // As root, apt would download as another user, who cannot write into our folder.
  const asSelf = process.getuid?.() === 0 ? ['-oAPT::Sandbox::User=root'] : [];
  return await run(program, [...asSelf, ...settings, '-qq', ...args], {
    cwd,
    signal,
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 1 << 26,
  });
}

function cannotFetch(name: string, detail: string): UserError {
  const reason = /ENOENT/.test(detail) ? 'this system has no apt-get' : lastLine(detail);
  return new UserError(
    `cannot get the Debian package ${name}: ${reason}`,
    'on Debian, look at `apt-get update` and at your network; elsewhere, use the Vagrant machine (vagrant/)',
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
