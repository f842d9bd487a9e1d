// At the end of part 1 stands a container. crun's, from an equivalent order, is the same in what the kernel says of it.
import test from 'ava';
import { maskedPaths } from '#05-pivot-root';
import { findProgram, machineFacts } from '../doctor/facts.ts';
import { guestAvailable, runInGuest } from '../guest/index.ts';
import { home } from '../paths.ts';

const guest = guestAvailable({ needs: ['cgroup2'] });
const facts = await machineFacts();
const reason =
  (facts.guest && 'this is a guest already') ||
  (!guest.available && guest.reason) ||
  (!findProgram('crun') && 'crun is not installed');

const parts = ['namespaces', 'mounts', 'maps', 'status', 'limits', 'cgroup', 'root', 'dev'] as const;
type Facts = Record<(typeof parts)[number], unknown>;

if (reason) test.skip(`lesson 14's container beside crun's (${reason})`, () => {});
else {
  let both: Record<'ours' | 'crun', Facts>;
  test.before(async () => {
    const command = ['node', '--no-warnings', '--conditions=solution', `${home}/workshop/peers/side-by-side.ts`];
    const { status, stdout = '', stderr } = await runInGuest(command, { needs: ['cgroup2'], timeout: 600 });
    if (status !== 0) throw new Error(`side-by-side.ts ended with ${status}: ${stderr}`);
    both = JSON.parse(stdout);
  });
  for (const part of parts) {
    test(`the same ${part} as crun's container has`, t => {
      const crun = structuredClone(both.crun[part]);
      // Where crun does more, and nobody inside can tell for what: its /dev/null over a masked file is read-only as well, and
      // /dev/core leads to a /proc/kcore that is masked.
      if (part === 'mounts') {
        const mounts = crun as Record<string, string>;
        for (const path of maskedPaths)
          mounts[path] &&= mounts[path].replace('devtmpfs read-only', 'devtmpfs writable');
      }
      if (part === 'dev') t.is((crun as string[]).splice((crun as string[]).indexOf('core'), 1)[0], 'core');
      t.deepEqual(both.ours[part], crun);
    });
  }
}
