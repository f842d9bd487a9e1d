// Containers by the names that Docker and Podman know them by: the engine's own program is asked for the process and the layers.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { searchPath } from '../doctor/probe.ts';
import { UserError } from '../errors.ts';
import type { Storage } from './index.ts';
import { readProcess } from './read/processes.ts';

export type Engine = 'docker' | 'podman';

export interface FoundContainer {
  pid: number;
  /** 'docker web' */
  name: string;
  storage?: Storage;
}

/** What `inspect` says, as far as it is of use here. */
interface Inspected {
  Id?: string;
  Name?: string;
  State?: { Pid?: number; Status?: string; StartedAt?: string };
  GraphDriver?: { Data?: { LowerDir?: string; UpperDir?: string } | null };
}

/** Throws UserError: no such program, no answer, no such container, one that does not run, or runs on another machine. */
export async function findContainer(engine: Engine, wanted: string): Promise<FoundContainer> {
  const found = JSON.parse(await inspect(engine, wanted))[0] as Inspected;
  const { Pid: pid = 0, Status: status = 'stopped', StartedAt } = found.State ?? {};
  const name = (found.Name ?? wanted).replace(/^\//, '');
  if (pid === 0)
    throw new UserError(`${engine}’s container ${name} does not run: it is ${status}`, `\`${engine} start ${name}\``);
  if (!isHere(pid, found.Id ?? '', StartedAt))
    throw new UserError(
      `${engine} runs ${name} on another kernel than this one: process ${pid} here is not it`,
      'look at it there: where the engine itself runs',
    );
  const storage = storageOf(found);
  return { pid, name: `${engine} ${name}`, ...(storage && { storage }) };
}

function inspect(engine: Engine, wanted: string): Promise<string> {
  const args = ['container', 'inspect', '--', wanted];
  const options = { timeout: 20_000, maxBuffer: 1 << 26, env: { ...process.env, PATH: searchPath, LC_ALL: 'C' } };
  return new Promise((resolve, reject) => {
    execFile(engine, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else reject(explain(engine, wanted, error, stderr));
    });
  });
}

function explain(
  engine: Engine,
  wanted: string,
  error: Error & { code?: unknown; killed?: boolean },
  stderr: string,
): UserError {
  const { code, killed } = error;
  if (code === 'ENOENT')
    return new UserError(`${engine} is not installed here`, 'name the process by its number: `npx boxwright xray PID`');
  if (killed) return new UserError(`${engine} does not answer`, `try \`${engine} ps\``);
  if (/no such (object|container)|no container with name/i.test(stderr))
    return new UserError(
      `${engine} knows no container ${wanted}`,
      `\`${engine} ps\` lists those that run${hint(engine)}`,
    );
  const said = stderr.trim().split('\n').at(-1) || `it ended with ${code}`;
  return new UserError(
    `${engine} does not answer: ${said}`,
    `try \`${engine} ps\`; it may take sudo, or its service is not running`,
  );
}

const hint = (engine: Engine) => (engine === 'podman' ? '; root’s and a user’s are apart' : '');

/** The engine may speak for another machine: its number would be somebody else's here. What tells is the container's id, else the time. */
function isHere(pid: number, id: string, startedAt: string | undefined): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  const files = ['cgroup', 'mountinfo'].map(file => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  });
  if (id && files.some(text => text.includes(id))) return true;
  const age = (Date.now() - Date.parse(startedAt ?? '')) / 1000;
  return Math.abs(age - readProcess(pid).age) < 10;
}

/** Both engines name them alike: from the topmost, with colons between. None for other drivers than overlay's. */
function storageOf({ GraphDriver }: Inspected): Storage | undefined {
  const { UpperDir, LowerDir } = GraphDriver?.Data ?? {};
  return UpperDir ? { upper: UpperDir, lowers: LowerDir ? LowerDir.split(':') : [] } : undefined;
}
