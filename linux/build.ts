// A process, or nothing: what every lesson's contain() begins with.
import { Process, type StartOptions } from './process.ts';

/** Starts a process and takes it through the steps. When one of them throws, the process is ended before the error goes on. */
export async function build(steps: (box: Process) => Promise<unknown>, options?: StartOptions): Promise<Process> {
  const box = await Process.start(options);
  try {
    await steps(box);
    return box;
  } catch (error) {
    await box.end();
    throw error;
  }
}
