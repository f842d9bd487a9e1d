// Programs of the machine whose answers are read: ip, nft, iptables. One that does not answer, or is not there, is a refusal.
import { execFile } from 'node:child_process';
import { searchPath } from '../../doctor/probe.ts';
import { Refused } from './reading.ts';

/** In ms. */
const patience = 10_000;

/** What it writes on standard output. `net`: a process in whose network it runs. */
export function ask(
  command: string[],
  { net, signal }: { net?: number | null; signal?: AbortSignal | undefined } = {},
) {
  const [program = '', ...args] = net ? [...inNetworkOf(net), ...command] : command;
  const options = {
    timeout: patience,
    maxBuffer: 1 << 26,
    env: { PATH: searchPath, LC_ALL: 'C' },
    ...(signal && { signal }),
  };
  return new Promise<string>((resolve, reject) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (signal?.aborted) reject(signal.reason);
      else reject(new Refused(`${command.slice(0, 2).join(' ')}: ${stderr.trim().split('\n')[0] || explain(error)}`));
    });
  });
}

/** An ordinary user comes in only with the rights that one has in the user namespace to which the network belongs. */
const inNetworkOf = (pid: number) =>
  process.geteuid?.() === 0
    ? ['nsenter', `--net=/proc/${pid}/ns/net`, '--']
    : ['nsenter', `--target=${pid}`, '--user', '--preserve-credentials', '--net', '--'];

function explain(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === 'ENOENT') return 'there is no such program here';
  return error.killed ? `no answer within ${patience / 1000} s` : `it ended with ${error.code}`;
}
