// Where a lesson is checked and run: on this machine, or, where it lacks what a throw-away guest has, in there, without
// being asked. What a lesson needs of that kind is the kernel's and not the workshop's: cgroup version 2.
import { type Facts, machineFacts } from '../doctor/facts.ts';
import { guestAvailable, type Kernel } from '../guest/index.ts';
import type { Lesson } from '../lessons.ts';
import { openWorker } from './client.ts';

export interface Place {
  kernel: Kernel;
  /** For the reader: where it ran, and why not here. */
  text: string;
}

/** The doctor's features that this machine may lack and a guest has: under the guest's name for them, with the reason. */
const offered: Record<string, { need: string; because(facts: Facts): string }> = {
  'cgroup-v2': {
    need: 'cgroup2',
    because({ cgroup, root }) {
      if (cgroup === 'none') return 'no cgroups are mounted here';
      if (cgroup !== 'v2') return 'this machine mounts the cgroup controllers as version 1';
      return root ? 'the controllers of cgroups are not passed down here' : 'only root may make cgroups here';
    },
  },
};

const kernels = { uml: 'User-Mode Linux', qemu: 'QEMU' };

/** Null for here: because all is there, or because no guest has what is not. */
export async function placeOf(lesson: Lesson): Promise<Place | null> {
  const facts = await machineFacts();
  if (facts.guest) return null;
  const missing = (lesson.needs.features ?? []).filter(feature => !facts.features[feature]);
  const ways = missing.flatMap(feature => offered[feature] ?? []);
  if (ways.length === 0 || ways.length < missing.length) return null;
  const guest = guestAvailable({ needs: ways.map(way => way.need) });
  if (!guest.available) return null;
  const because = ways.map(way => way.because(facts)).join(', and ');
  return { kernel: guest.kernel, text: `in a throw-away guest (${kernels[guest.kernel]}), since ${because}` };
}

/** What the machine can do on which the lesson is checked. */
export async function factsFor(lesson: Lesson): Promise<Facts> {
  const place = await placeOf(lesson);
  return place ? (await openWorker(place.kernel)).ask('facts', {}) : machineFacts();
}
