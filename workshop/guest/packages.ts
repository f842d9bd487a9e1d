// Takes files out of Debian packages without installing them, and without root: apt fetches, dpkg-deb unpacks.
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { UserError } from '../errors.ts';

const run = promisify(execFile);

export type Progress = (line: string) => void;

/** Puts the files of `name` into `folder`, which is made. `work` is an empty folder for what comes in between. */
export async function unpackPackage(name: string, folder: string, work: string, progress: Progress): Promise<void> {
  mkdirSync(`${work}/${name}`, { recursive: true });
  mkdirSync(folder, { recursive: true });
  progress(`fetching the package ${name}`);
  await apt(['download', name], work, progress, `${work}/${name}`);
  const file = readdirSync(`${work}/${name}`).find(entry => entry.endsWith('.deb'));
  if (!file) throw cannotFetch(name, 'apt-get download left no file');
  progress(`unpacking ${name}`);
  await run('dpkg-deb', ['-x', `${work}/${name}/${file}`, folder]);
}

/** The package that a package of no content of its own, such as linux-image-amd64, stands for now. */
export async function dependencyOf(name: string, pattern: RegExp, work: string, progress: Progress): Promise<string> {
  const { stdout } = await apt(['depends', name], work, progress);
  const found = pattern.exec(stdout)?.[0];
  if (!found) throw cannotFetch(name, 'it depends on no package of the expected name');
  return found;
}

/** Runs apt-get or apt-cache; where its lists are empty or old, once more with fresh lists of our own. */
async function apt(args: string[], work: string, progress: Progress, cwd = work): Promise<{ stdout: string }> {
  try {
    return await callApt(args, [], cwd);
  } catch {
    const lists = [`-oDir::State::lists=${work}/lists`, `-oDir::Cache=${work}/cache`];
    mkdirSync(`${work}/lists/partial`, { recursive: true });
    mkdirSync(`${work}/cache/archives/partial`, { recursive: true });
    progress('fetching the lists of packages');
    try {
      await callApt(['update'], lists, work);
      return await callApt(args, lists, cwd);
    } catch (error) {
      throw cannotFetch(args.at(-1) ?? '', (error as Error).message);
    }
  }
}

async function callApt(args: string[], settings: string[], cwd: string): Promise<{ stdout: string }> {
  const program = args[0] === 'depends' ? 'apt-cache' : 'apt-get';
  // As root, apt would download as another user, who cannot write into our folder.
  const asSelf = process.getuid?.() === 0 ? ['-oAPT::Sandbox::User=root'] : [];
  return await run(program, [...asSelf, ...settings, '-qq', ...args], {
    cwd,
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
