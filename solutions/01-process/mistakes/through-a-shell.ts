// rejected by: argv
// diagnosis: through-a-shell
// Commands are what one types into a shell, and a shell finds programs in PATH by itself.
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
  await box.close_range(3, 0xffff_ffff, CLOSE_RANGE.CLOEXEC);

  await box.execve('/bin/sh', ['sh', '-c', command.join(' ')], env);
}

const isMissing = (error: unknown) => error instanceof SyscallError && ['ENOENT', 'ENOTDIR'].includes(error.code);

/** Waits for the end, and says it in one number as a shell does: 0 to 255, or 128 + n when signal n ended it. */
export async function exitStatus(box: Process): Promise<number> {
  const { code, signal } = await box.exited;
  return signal ? 128 + SIG[signal as keyof typeof SIG] : (code ?? 0);
}

/** The status for a command that could not be started: 127 when there is no such program, 126 when it cannot be executed. */
export function failureStatus(error: SyscallError): number {
  return isMissing(error) ? 127 : 126;
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
