// In place of traces from the sandbox, for tests of the commands.
import type { TraceLine } from '../check/report.ts';
import type { Traces } from '../check/trace.ts';

export async function traceLesson(): Promise<Traces> {
  const mine = [call('chroot', '"/tmp/box-7f3a"', 0, 12), call('sethostname', '"box", 3', -1, 17)];
  const reference = [
    call('unshare', 'CLONE_NEWUTS', 0, 16),
    call('chroot', '"/tmp/box-19c2"', 0, 12),
    call('sethostname', '"box", 3', 0, 17),
  ];
  return { mine, reference, error: 'sethostname("box", 3): EPERM' };
}

function call(name: string, args: string, result: number, line: number): TraceLine {
  const code = result < 0 ? 'EPERM' : null;
  const text = `${name}(${args}) = ${result}${code ? ' EPERM (Operation not permitted)' : ''}`;
  return { pid: 1, name, text, result, code, line, file: 'lessons/01-first/first.ts' };
}
