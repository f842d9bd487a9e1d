// `box` on the sandbox's host: starts the learner's container with a command in it, and ends as the command ends.
//   box LESSON-FILE [--escape] [--read-only] CMD ARGS…       (the script in the PATH fills in the first)
import { pathToFileURL } from 'node:url';
import { type Process, SyscallError } from '#linux';
import { home } from '../paths.ts';
import { stateFolder } from './state.ts';

const [file = '', ...rest] = process.argv.slice(2);
const flags = new Set<string>();
while (rest[0]?.startsWith('--')) flags.add(rest.shift() ?? '');
flags.delete('--');
for (const flag of flags) {
  if (!['--escape', '--read-only'].includes(flag)) stop(`there is no option ${flag}`, 2);
}
if (rest.length === 0) stop('what shall run in it? box [--escape] [--read-only] CMD ARGS…', 2);

/** All that any lesson's contain() takes; each takes what it knows. */
const spec = {
  command: rest,
  rootfs: `${stateFolder}/images/base`,
  layers: [`${stateFolder}/images/base`],
  containers: `${stateFolder}/containers`,
  readOnly: flags.has('--read-only'),
  ...(flags.has('--escape') && { inside: await lastInside() }),
};

const lesson = await import(pathToFileURL(file).href);
/** Lesson 01's, or what it became: how a shell would say it. */
const { exitStatus, failureStatus } = lesson.exitStatus ? lesson : await import('#01-process');

try {
  const box: Process = await lesson.contain(spec);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    process.on(signal, () => forward(box, signal));
  process.exitCode = (await exitStatus(box)) ?? 0;
} catch (error) {
  explain(error);
}

/** What the terminal sends reaches the container too, so that passing it on would send it twice. */
function forward(box: Process, signal: NodeJS.Signals): void {
  if (!process.stdin.isTTY) box.kill(signal);
}

async function lastInside(): Promise<unknown> {
  const from = file.includes('/02-chroot/') ? pathToFileURL(file).href : '#02-chroot';
  return (await import(from)).climbOut;
}

/** The learner's error: the kernel's words and the learner's line, no more. */
function explain(error: unknown): never {
  if (error instanceof SyscallError && error.syscall === 'execve') {
    stop(`${rest[0]}: ${error.meaning}`, failureStatus(error) ?? 1);
  }
  if (!(error instanceof Error)) stop(String(error), 1);
  const line = error.stack?.split('\n').find(each => each.includes('/lessons/'));
  const where = /(lessons\/[^:?]+)[^:]*:(\d+)/.exec(line?.replace(home, '') ?? '');
  stop(error.message + (where ? ` (${where[1]}:${where[2]})` : ''), 1);
}

function stop(message: string, status: number): never {
  console.error(`box: ${message}`);
  process.exit(status);
}
