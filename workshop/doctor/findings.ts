// Everything the doctor looks at, each thing really tried where trying leaves no trace.
import { machineFacts } from './facts.ts';
import { type Finding, finding } from './finding.ts';
import { isolation } from './isolation.ts';
import { machine } from './machine.ts';
import { storage } from './storage.ts';

export async function examine(): Promise<Finding[]> {
  if (process.platform !== 'linux') {
    const cause = 'namespaces, control groups and overlays are parts of Linux';
    return [
      finding('kernel', 'kernel', process.platform, {
        state: 'missing',
        cause,
        remedy: 'use a Linux machine, or a virtual one',
      }),
    ];
  }
  const facts = await machineFacts();
  return (await Promise.all([machine(facts), isolation(facts), storage(facts)])).flat();
}
