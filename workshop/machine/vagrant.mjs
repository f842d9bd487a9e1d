// The few things that are asked of Vagrant: how the machine is, to bring it up, and to run a command in it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where the Vagrantfile is. */
export const folder = fileURLToPath(new URL('../../vagrant', import.meta.url));

/** 'running', 'poweroff', 'not_created' and others of Vagrant's words; 'no-vagrant', 'no-provider'; else 'unknown'. */
export async function state() {
  let said = '';
  try {
    const keep = child => child.stdout.on('data', chunk => (said += chunk));
    await vagrant(['status', '--machine-readable'], ['ignore', 'pipe', 'ignore'], keep);
  } catch (error) {
    if (error.code === 'ENOENT') return 'no-vagrant';
    throw error;
  }
  // Lines of time, machine, type and data, with commas between them.
  const lines = said.split(/\r?\n/).map(line => line.split(','));
  if (lines.some(([, , type, data]) => type === 'error-exit' && /NoDefaultProvider|ProviderNotUsable/.test(data))) {
    return 'no-provider';
  }
  return lines.find(([, , type]) => type === 'state')?.[3] ?? 'unknown';
}

/** `vagrant up`, with what it says on stderr. */
export function up() {
  return vagrant(['up'], ['inherit', 2, 2]);
}

/** `npm start -- ARGS` in the machine, on this terminal if there is one; else with stdout and stderr apart. */
export function inside(args) {
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const words = ['npm', 'start', '--silent', '--', ...args].map(quoted).join(' ');
  const command = ['ssh', terminal ? '--tty' : '--no-tty', '-c', `cd /boxwright && sudo ${words}`];
  return vagrant(command, 'inherit');
}

/** A word for the machine's shell, whatever is in it. */
function quoted(word) {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Runs Vagrant and returns its exit status. Ctrl-C reaches it by itself, from the terminal, and it tidies up before it ends:
 * so this process lives on until then. Other signals are passed on.
 */
function vagrant(args, stdio, started = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn('vagrant', args, { cwd: folder, stdio });
    const forward = signal => signal !== 'SIGINT' && child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const done = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    for (const signal of signals) process.on(signal, forward);
    child.on('error', error => {
      done();
      reject(error);
    });
    child.on('close', (code, signal) => {
      done();
      resolve(code ?? 128 + constants.signals[signal]);
    });
    if (child.pid !== undefined) started(child);
  });
}
