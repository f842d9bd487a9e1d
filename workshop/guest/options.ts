// What may be asked of a guest, and the order that it becomes: paths resolved, environment made, mistakes named.
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { home } from '../paths.ts';
import type { Kernel } from './features.ts';
import type { Progress } from './packages.ts';
import type { GuestFiles } from './setup.ts';
import type { Order } from './wire.ts';

export interface GuestOptions {
  /** Which kernel; by default the one that `needs` calls for. */
  kernel?: Kernel;
  /** Names from `features`. */
  needs?: string[];
  /** Megabytes of memory, for processes and for changed files together; 1024 by default. */
  memory?: number;
  /** Seconds after which the guest is ended, its start included; the status is then 124. */
  timeout?: number;
  /** Host folders that are written through, at the same path. Everything else is as it was after the run. */
  share?: string[];
  /** Where the command starts; by default here. */
  cwd?: string;
  /** Added to the small environment that every command gets. */
  env?: Record<string, string>;
  /**
   * 'inherit' passes stdin (unless it is a terminal), stdout and stderr through as they come; 'pipe' returns the two
   * outputs as text; listeners get them piece by piece. 'pipe' is the default.
   */
  stdio?: 'inherit' | 'pipe' | Listeners;
  /** What the command reads, with 'pipe'; with 'inherit', false gives it an empty input. */
  input?: string | Uint8Array | false;
  /**
   * The host's files without a layer over them: only /tmp, /run and /dev/shm can be written. Linux stacks no more than two
   * overlays, and this leaves room for both.
   */
  readOnly?: boolean;
  /** Files and folders of the host that the command shall not see, the workshop's folder and this Node excepted. Not with `readOnly`. */
  hide?: string[];
  /**
   * Root's machine is run by a user who owns nothing and has no network, so that whoever breaks out of it has gained little; what
   * that user may not read is not seen in it. Where that cannot be had it is run by us: see `strangerFor`.
   */
  stranger?: boolean;
  /** Ends the guest; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Told about the steps of the first set-up. */
  progress?: Progress;
}

/** Told of each piece of what the command says. */
export interface Listeners {
  out(data: Uint8Array): void;
  err(data: Uint8Array): void;
}

export function makeOrder(command: string[], options: GuestOptions, files: GuestFiles, kernel: Kernel): Order {
  const cwd = realFolder(options.cwd ?? process.cwd(), 'start in');
  const shares = (options.share ?? []).map(folder => realFolder(folder, 'share'));
  if (shares.includes('/'))
    throw new UserError('the whole host cannot be shared', 'share the folders that you mean', 2);
  if (options.readOnly && options.hide?.length)
    throw new Error('what is hidden is hidden in a layer, and readOnly has none');
  return {
    args: command,
    env: Object.entries(environment(options.env ?? {}, kernel)).map(([name, value]) => `${name}=${value}`),
    cwd,
    shares,
    // Two levels above `bin/node`: a Node that lies apart has its libraries beside it.
    keep: [realpathSync(home), cwd, dirname(dirname(realpathSync(process.execPath)))],
    hide: options.hide ?? [],
    hostname: 'guest',
    modules: realpathSync(files.modules),
    release: files.release,
    readOnly: options.readOnly ?? false,
    stdin: false,
  };
}

function environment(extra: Record<string, string>, kernel: Kernel): Record<string, string> {
  return {
    PATH: `${home}/node_modules/.bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: '/root',
    USER: 'root',
    LOGNAME: 'root',
    SHELL: '/bin/sh',
    TERM: process.env.TERM ?? 'dumb',
    LANG: 'C.UTF-8',
    BOXWRIGHT_GUEST: kernel,
    ...extra,
  };
}

function realFolder(folder: string, purpose: string): string {
  try {
    const real = realpathSync(folder);
    if (statSync(real).isDirectory()) return real;
  } catch {}
  throw new UserError(`cannot ${purpose} ${folder}: there is no such folder`, 'name a folder that exists', 2);
}
