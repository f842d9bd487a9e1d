// A shell on the sandbox's host, where `box CMD` is the container of a lesson: `boxwright run`, `boxwright shell`, and the
// transcripts in the texts.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { S, SIG, type StartOptions } from '#linux';
import { conditionsFor, type Earlier } from '../check/earlier.ts';
import { searchPath } from '../doctor/probe.ts';
import { allLessons, type Lesson } from '../lessons.ts';
import { home } from '../paths.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { secretFile } from './secrets.ts';
import { coverLesson, placeLesson, stateFolder } from './state.ts';
import { attachTerminal, hasTerminal, type Terminal } from './terminal.ts';
import { openWorkshop } from './user.ts';

export interface ShellOptions extends Pick<StartOptions, 'stdio'> {
  /** The text of the lesson's file. The learner's own when absent. */
  source?: string | undefined;
  /** Whose functions of earlier lessons. */
  earlier?: Earlier;
}

/** A sandbox in which `box` stands ready, and the process that can become a shell in it. */
export async function openHost(lesson: Lesson | null, options: ShellOptions = {}): Promise<Sandbox> {
  const sandbox = await openSandbox(options);
  try {
    writeFileSync(sandbox.path(secretFile), 'the host’s secret\n');
    if (lesson) await installBox(sandbox, lesson, options);
    return sandbox;
  } catch (error) {
    await sandbox.end();
    throw error;
  }
}

async function installBox(sandbox: Sandbox, lesson: Lesson, { source, earlier }: ShellOptions): Promise<void> {
  const { box, path } = sandbox;
  await coverLesson(box, lesson.files.lesson);
  placeLesson(sandbox, source ?? readFileSync(lesson.files.lesson, 'utf8'));
  await box.mkdir(`${stateFolder}/bin`, 0o755);
  const node = [process.execPath, ...conditionsOf(lesson, earlier), '--no-warnings'];
  for (const [name, program] of Object.entries({ box: programOf(lesson), ...helpersFor(lesson) })) {
    const script = `#!/bin/sh\nexec ${[...node, ...program].map(quote).join(' ')} "$@"\n`;
    // Made from inside: to a file system of the sandbox's own, the machine's root is nobody who could own a file.
    await box.mknod(`${stateFolder}/bin/${name}`, S.IFREG | 0o755);
    writeFileSync(path(`${stateFolder}/bin/${name}`), script);
  }
  // For `setpriv`, `su` and the like. Where the copy's folders are not ours, they stay as they are.
  if (sandbox.base !== process.getuid?.()) await openWorkshop(sandbox, box).catch(() => {});
}

/** From lesson 16 on `box` is a command with commands of its own: `box pull`, `box run`. Before, it is the lesson's container. */
const isEngine = (lesson: Lesson) => lesson.number >= '16';
const programOf = (lesson: Lesson) =>
  isEngine(lesson) ? [`${home}/box/main.ts`] : [`${home}/workshop/sandbox/box.ts`, lesson.files.lesson];

/** Where images come from before one can build them, and a registry: for lessons 15 and later. */
const helpersFor = (lesson: Lesson) => ({
  ...(lesson.number >= '15' && { 'make-image': [`${home}/workshop/registry/make-image.ts`] }),
  ...(lesson.number >= '15' && { registry: [`${home}/workshop/registry/serve.ts`] }),
});

/** Whose lessons: as for the checks; and of lessons that are still to come, ours. */
function conditionsOf(lesson: Lesson, earlier?: Earlier): string[] {
  const later = allLessons().filter(each => each.number > lesson.number);
  const conditions = [...conditionsFor(lesson, earlier), ...later.map(each => `solved-${each.number}`)];
  return conditions.map(each => `--conditions=${each}`);
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** The environment of a shell on the sandbox's host. */
export const hostEnv = (): Record<string, string> => ({
  PATH: `${stateFolder}/bin:${searchPath}`,
  HOME: '/root',
  BOX_STORE: `${stateFolder}/store`,
  TERM: process.env.TERM ?? 'dumb',
  LANG: process.env.LANG ?? 'C.UTF-8',
  PS1: 'host# ',
});

export const shellPath = () => (existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh');

/** `boxwright run 03 -- CMD`: the learner's container on this terminal. The command's status. */
export function runInSandbox(lesson: Lesson, command: string[], options: ShellOptions = {}): Promise<number> {
  const args = isEngine(lesson) ? command : ['--', ...command];
  return runOnHost(lesson, `${stateFolder}/bin/box`, ['box', ...args], options);
}

/** `boxwright shell 03`: a shell on the host. */
export function openShell(lesson: Lesson, options: ShellOptions = {}): Promise<number> {
  if (process.stdin.isTTY) {
    console.log(`A copy of this machine: what you change in it vanishes. \`box CMD\` runs in the container.`);
    if (process.getuid?.() !== 0)
      console.log('(Without root: one user only, the system’s files are nobody’s, memory is not limited.)');
  }
  const args = shellPath() === '/bin/bash' ? ['bash', '--norc', '--noprofile'] : ['sh'];
  return runOnHost(lesson, shellPath(), args, options);
}

/** Runs a command on the sandbox's host to its end, passes signals on, and leaves nothing. */
async function runOnHost(lesson: Lesson, path: string, args: string[], options: ShellOptions): Promise<number> {
  const sandbox = await openHost(lesson, options);
  const { box } = sandbox;
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
  let grace: NodeJS.Timeout | undefined;
  const forward = (signal: NodeJS.Signals) => {
    box.kill(signal);
    // An interactive shell takes no SIGTERM. But our terminal has gone, or somebody wants us gone.
    if (signal === 'SIGHUP' || signal === 'SIGTERM') grace ??= setTimeout(() => box.kill('SIGKILL'), 2000);
  };
  let terminal: Terminal | undefined;
  try {
    if (hasTerminal()) terminal = await attachTerminal(sandbox);
    for (const signal of signals) process.on(signal, forward);
    await box.execve(path, args, hostEnv());
    const { code, signal } = await box.exited;
    return signal ? 128 + SIG[signal as keyof typeof SIG] : (code ?? 0);
  } finally {
    clearTimeout(grace);
    await terminal?.close();
    await sandbox.end();
    for (const signal of signals) process.off(signal, forward);
  }
}
