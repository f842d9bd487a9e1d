// Lesson 01: a container is a process. Read README.md beside this file; save, and watch the verdict.
import { build, CLOSE_RANGE, type Process, SIG, SyscallError } from '#linux';

export interface Spec {
  /** The command's arguments. The first is the program: a path, or a name to be looked for in PATH. */
  command: string[];
  /** All of the command's environment; nothing is added to it. */
  env?: Record<string, string>;
}

/** The environment of a command for which nobody asked for another. */
export const defaultEnv = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'xterm' };

/** Where to look for a program, first place first: a path as it is, a name in each folder of `path`. exec(3), environ(7) */
export function candidates(program: string, path = defaultEnv.PATH): string[] {
  if (program === '' || program.includes('/')) return [program];
  return path.split(':').map(folder => `${folder || '.'}/${program}`);
}

/**
 * Becomes the command: with these arguments, with this environment, and with no descriptor but 0, 1 and 2. Throws the
 * SyscallError of execve(2) when it cannot, and does not wait for the command's end.
 */
export async function execute(box: Process, { command, env = defaultEnv }: Spec): Promise<void> {
  // TODO 1: become the command, by the first of the candidates that the kernel accepts.
  // All of `command` and all of `env` go with it, unchanged. A file that is not there (ENOENT, ENOTDIR), or that one may
  // not execute (EACCES), does not end the search; any other refusal does. When no candidate was accepted, throw what the
  // kernel said last; but if it said EACCES anywhere on the way, throw that.
  //
  // TODO 2: let no descriptor but 0, 1 and 2 be open in the command.
  // On 3 is the wire, over which `box` hears what to do: it is needed until the last call is made. Where does this belong?
}

/** Waits for the end, and says it in one number as a shell does: 0 to 255, or 128 + n when signal n ended it. */
export async function exitStatus(box: Process): Promise<number> {
  // TODO 3: wait, and return the status.
  // `box.exited` settles with `code` or with `signal`, a name; the other one is null. SIG has the numbers: SIG.SIGTERM.
  return 0;
}

/** The status for a command that could not be started: 127 when there is no such program, 126 when it cannot be executed. */
export function failureStatus(error: SyscallError): number {
  // TODO 4: 127 or 126. Which answers of execve mean that there is no such program? `error.code` is the errno's name.
  return 1;
}

/** The container so far: a process. Resolves as soon as it is the command; the command may run for years. */
export async function contain(spec: Spec): Promise<Process> {
  return build(box => execute(box, spec));
}

/** From the command to its status, as a shell would run it. */
export async function run(spec: Spec): Promise<number> {
  try {
    return await exitStatus(await contain(spec));
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    console.error(`box: ${spec.command[0]}: ${error.meaning}`);
    return failureStatus(error);
  }
}
