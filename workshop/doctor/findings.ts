// Everything the doctor looks at, each thing really tried where trying leaves no trace.
import { openSandbox } from '../sandbox/sandbox.ts';
import { type Facts, machineFacts } from './facts.ts';
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
  return (await Promise.all([machine(facts), isolation(facts), storage(facts), sandbox(facts)])).flat();
}

/** Where the learner's code will run: really opened, and ended again. */
async function sandbox(facts: Facts): Promise<Finding> {
  const title = 'sandbox';
  try {
    const opened = await openSandbox({ stdio: ['ignore', 'ignore', 'ignore'] });
    await opened.end();
    if (facts.uid !== 0) {
      return finding('sandbox', title, 'opened, in a user namespace', {
        cause:
          'an ordinary user’s sandbox has one user, the system’s files belong to nobody in it, memory is not limited',
        remedy: 'nothing need be done; with sudo it is a better copy of the machine',
      });
    }
    return finding(
      'sandbox',
      title,
      'opened: a copy of this machine whose root is nobody outside',
      opened.unlimited
        ? {
            cause: `its memory is not limited: ${opened.unlimited}`,
            remedy: 'enable the memory controller, or mind what you allocate',
          }
        : undefined,
    );
  } catch (error) {
    return finding('sandbox', title, (error as Error).message, {
      state: 'missing',
      cause: 'a step of making it was refused; the lines above say what this kernel lacks',
      remedy: 'follow them; as an ordinary user, try as root with sudo',
    });
  }
}
