// lesson: 01
// on: nothing
// points: 0
// status: ended
// seconds: 25
// what it tries: is as slow as the checks bear, task for task, until the machine's time is up.
import { setTimeout as sleep } from 'node:timers/promises';
import { Process } from '#linux';

export async function contain(): Promise<Process> {
  await sleep(4000);
  return Process.start();
}
