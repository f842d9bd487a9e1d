// Whether a lesson can run on a machine, and if not, the true reason: a lesson that cannot run is skipped with it, never passed.
import type { Needs } from '../lessons.ts';
import type { Facts } from './facts.ts';

/** What a lesson, or a task with needs of its own, lacks here, in a line to put after its name; null when nothing is. */
export function whyNot(needs: Partial<Needs>, facts: Facts): string | null {
  if (facts.platform !== 'linux') return `needs a Linux kernel, and this is ${facts.platform}`;
  if (needs.kernel && olderThan(facts.kernel, needs.kernel)) {
    return `needs Linux ${needs.kernel} or newer, and this is ${facts.kernel}`;
  }
  if (!facts.root) {
    if (needs.root === 'required') return `needs root with all its rights, and this is user ${facts.uid}: try sudo`;
    if (!facts.userns) return 'needs root or a user namespace, and this user can make none: try sudo';
    if (!facts.overlayInUserns)
      return 'needs root or an overlay in a user namespace, which this kernel refuses: try sudo';
  } else if (!facts.overlay) {
    return 'needs overlayfs, which this kernel refuses';
  }
  for (const feature of needs.features ?? []) {
    if (!(feature in facts.features))
      throw new Error(`a lesson needs '${feature}', which the doctor has never heard of`);
    if (feature === 'guest' && !facts.guest) return 'needs a machine that nobody misses: run it in the guest';
    if (!facts.features[feature]) return `needs ${feature}, which is missing here`;
  }
  return null;
}

/** Compares number by number: 5.9 is older than 5.11. */
function olderThan(found: string, wanted: string): boolean {
  const [have, want] = [found, wanted].map(version => version.split('.').map(Number)) as [number[], number[]];
  for (const [i, number] of want.entries()) {
    const ours = have[i] ?? 0;
    if (ours !== number) return ours < number;
  }
  return false;
}
