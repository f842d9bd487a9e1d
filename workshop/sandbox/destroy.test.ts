// Destructive programs, as root, in `check` and in a shell of the sandbox: in the guest all of them, where a hole harms
// nothing; here those that would be no catastrophe, and only once the guest has shown that the sandbox holds.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { guestAvailable, runInGuest } from '../guest/index.ts';
import { home } from '../paths.ts';

interface Line {
  name: string;
  outcome: string;
  changed: string[];
  works: boolean;
}

const script = 'workshop/sandbox/destroy.ts';
const parse = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
const guest = guestAvailable({});
let holds = false;

const inGuest = guest.available ? test.serial : test.serial.skip;
inGuest(
  `in the guest, nothing that a program destroys is the machine's${guest.available ? '' : ` (${guest.reason})`}`,
  async t => {
    t.timeout(41 * 60_000);
    const parts = await Promise.all(
      ['1/2', '2/2'].map(part =>
        runInGuest([process.execPath, script, '--part', part], {
          cwd: home,
          memory: 2048,
          timeout: 40 * 60,
          stdio: 'pipe',
        }),
      ),
    );
    for (const { status, stdout, stderr } of parts) {
      for (const line of parse(stdout ?? '')) {
        t.deepEqual([line.changed, line.works], [[], true], JSON.stringify(line));
        t.true(line.outcome.length > 0);
      }
      t.is(status, 0, stderr);
    }
    const names = parts.flatMap(({ stdout }) => parse(stdout ?? '')).map(line => line.name);
    for (const name of [
      'remove everything',
      'sysrq, in a check',
      'raw disks',
      'change the clock, in a check',
      'kill everything',
    ]) {
      t.true(names.includes(name), name);
    }
    holds = true;
  },
);

test.serial('here, the same of those that would be no catastrophe', async t => {
  t.timeout(30 * 60_000);
  if (guest.available) t.true(holds, 'only once it has held in the guest');
  // As root in a mount namespace of its own, where nobody else mounts anything meanwhile.
  const alone = process.getuid?.() === 0 ? ['unshare', '--mount', '--propagation', 'private'] : [];
  const [program = '', ...args] = [...alone, process.execPath, script, '--harmless'];
  const { stdout } = await promisify(execFile)(program, args, { cwd: home });
  const lines = parse(stdout);
  t.true(lines.length > 20);
  for (const line of lines) t.deepEqual([line.changed, line.works], [[], true], JSON.stringify(line));
});
