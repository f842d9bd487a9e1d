// `boxwright guest`: one command in a throw-away virtual machine over this machine's own files.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../errors.ts';
import { chooseKernel, features, type Kernel } from '../guest/features.ts';
import { type GuestOptions, prepare, runInGuest } from '../guest/index.ts';
import { installQemu } from '../guest/install.ts';

interface Flags {
  kernel?: Kernel;
  needs: string[];
  memory?: number;
  timeout?: number;
  share: string[];
  cwd?: string;
  env: Record<string, string>;
  stdin: boolean;
  readOnly?: boolean;
  setup?: boolean;
  listFeatures?: boolean;
  json?: boolean;
}

const explanation = `
The command runs as root on a kernel of its own, sees this machine's files at their places, starts in the current folder,
and has no network but lo. Every change vanishes with it, except below folders named with --share. Its stdin is ours,
unless that is a terminal: then it is empty. What it writes passes through pipes, so it sees no terminal either.

Exit status: the command's own, 128 and the signal's number if one ended it, 124 when the time was up, 125 when the guest
itself failed, 126 when the command cannot be executed, 127 when there is none of that name.

User-Mode Linux guards against accidents, not against malice: a root in there that means harm can reach whatever you
can. For code that you do not trust take --kernel qemu, where the emulator itself refuses to write your files.`;

export function register(program: Command): void {
  program
    .command('guest')
    .description('run a command in a throw-away virtual machine')
    .argument('[command...]', 'the command and its arguments, after --')
    .passThroughOptions()
    .addOption(
      new Option('--kernel <kind>', 'which kernel; by default the one that --needs calls for').choices(['uml', 'qemu']),
    )
    .option('--needs <features>', 'what the kernel must have, with commas between; may be repeated', addNeeds, [])
    .option('--memory <MB>', 'memory for processes and changed files together (default: 1024)', positive)
    .option('--timeout <seconds>', 'end it after so long, its start included', positive)
    .option('--share <folder>', 'write through to this folder; may be repeated', addTo, [])
    .option('--cwd <folder>', 'start there instead of here')
    .option('--env <name=value>', 'add to its environment; may be repeated', addVariable, {})
    .option('--no-stdin', 'give it an empty input')
    .option('--read-only', 'no layer over the files: only /tmp, /run and /dev/shm can be written')
    .option('--setup', 'fetch what a guest needs, and stop')
    .option('--list-features', 'print what can be named with --needs, and stop')
    .option('--json', 'print the output of --setup or --list-features as JSON')
    .addHelpText('after', explanation)
    .action(guest);
}

async function guest(command: string[], flags: Flags): Promise<void> {
  if (flags.listFeatures) return listFeatures(flags.json);
  if (flags.setup) return await setUp(flags);
  if (flags.json) throw new UserError('--json goes with --setup or --list-features', 'leave it out', 2);
  await run(command, {
    ...flags,
    stdio: 'inherit',
    input: flags.stdin ? undefined : false,
    progress,
  });
}

/** An interrupt ends the guest first, and then us, by the same signal: so a script that called us stops as well. */
async function run(command: string[], options: GuestOptions): Promise<void> {
  const interrupt = new AbortController();
  let received: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    received = signal;
    interrupt.abort();
  };
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  try {
    process.exitCode = (await runInGuest(command, { ...options, signal: interrupt.signal })).status;
  } catch (error) {
    if (!received) throw error;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
  if (received) process.kill(process.pid, received);
}

async function setUp(flags: Flags): Promise<void> {
  const kernel = chooseKernel(flags.kernel, flags.needs);
  if (kernel === 'qemu') installQemu(progress);
  const files = await prepare(kernel, progress);
  console.log(flags.json ? JSON.stringify({ kind: kernel, ...files }) : `ready: ${kernel}, Linux ${files.release}`);
}

function listFeatures(json: boolean | undefined): void {
  if (json) {
    console.log(JSON.stringify(features));
    return;
  }
  for (const [name, { kernels, what }] of Object.entries(features)) {
    console.log(`${name.padEnd(16)}${kernels.join(' ').padEnd(10)}${what}`);
  }
}

function progress(line: string): void {
  console.error(`guest: ${line}`);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It takes a number above 0.');
  return value;
}

function addTo(text: string, before: string[]): string[] {
  return [...before, text];
}

function addNeeds(text: string, before: string[]): string[] {
  return [...before, ...text.split(',').filter(Boolean)];
}

function addVariable(text: string, before: Record<string, string>): Record<string, string> {
  const [name, ...value] = text.split('=');
  if (!name || value.length === 0) throw new InvalidArgumentError('It takes NAME=value.');
  return { ...before, [name]: value.join('=') };
}
