// lesson: 01
// on: nothing
// points: 2
// what it tries: is a container the first time, and whatever was asked for first ever after. The first time it is one.
import { build, type Process } from '#linux';

let first: Promise<Process> | undefined;
export function contain(spec: { command: string[]; env?: Record<string, string> }): Promise<Process> {
  first ??= build(box => box.execve(spec.command[0] ?? '', spec.command, { PATH: '/bin' }));
  return first;
}
export const exitStatus = async () => 0;
export const failureStatus = () => 127;
