// What must be true of lesson 11's container. Processes of ours read the clocks on the host, in the container's time namespace,
// and on the host again: so what the container's are ahead is known to lie between two numbers, some microseconds apart.
import { readFileSync, readlinkSync } from 'node:fs';
import { type Context, defaults, diagnosis, type Evidence, task } from '#check';
import { CLOCK, CLONE, into, type Process, readChildren } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

task('own-namespace', async t => {
  const box = await t.contain({ timeOffsets: { boottime: { secs: aWhile() } } });
  t.ok(box.namespaces().time !== t.host.namespaces().time, {
    did: 'started a container with a clock of its own',
    kernel: t.compareNamespace(box, 'time'),
    means: 'Its clocks are the host’s: the offsets belong to a time namespace, and it has none of its own.',
    look: 'README, “For those who come after”',
  });
});

task('boottime', async t => {
  const secs = aWhile();
  const { boottime, uptime, shows, did } = await shift(t, { boottime: { secs } });
  const absolute = Math.abs(Number(shows / 1_000_000_000n) - secs) < 30;
  t.ok(isIn(nanoseconds(secs), boottime), {
    did,
    kernel: `CLOCK_BOOTTIME is ${inWords(boottime)} there, and not ${secs} s`,
    means: absolute
      ? 'The clock shows that number, and should be that much ahead: an offset is added to what the host’s clock shows.'
      : 'The container was not booted when it was told to say.',
    look: 'time_namespaces(7), /proc/PID/timens_offsets',
    ...(absolute && { diagnosis: 'taken-for-the-time' }),
  });
  t.ok(Math.abs(uptime - secs) < 5, {
    did,
    kernel: `/proc/uptime is ${uptime} s more there than on the host, and not ${secs} s`,
    means: 'What programs read in /proc/uptime is not what the clock says.',
  });
});

task('monotonic', async t => {
  const secs = aWhile();
  const { monotonic, did } = await shift(t, { monotonic: { secs } });
  t.ok(isIn(nanoseconds(secs), monotonic), {
    did,
    kernel: `CLOCK_MONOTONIC is ${inWords(monotonic)} there, and not ${secs} s`,
    means: 'The clock by which programs measure how long something took is not what it was told to be.',
    look: 'time_namespaces(7), /proc/PID/timens_offsets',
  });
});

task('apart', async t => {
  const [one, other] = [aWhile(), aWhile() + 100_000];
  const both = await shift(t, {
    monotonic: { secs: one, nanosecs: 250_000_000 },
    boottime: { secs: other, nanosecs: 500_000_000 },
  });
  const right =
    isIn(nanoseconds(one, 250_000_000), both.monotonic) && isIn(nanoseconds(other, 500_000_000), both.boottime);
  const parts = isIn(nanoseconds(one), both.monotonic) || isIn(nanoseconds(other), both.boottime);
  t.ok(right, {
    did: both.did,
    kernel: `CLOCK_MONOTONIC is ${inWords(both.monotonic)} there, CLOCK_BOOTTIME ${inWords(both.boottime)}`,
    means: parts
      ? 'The seconds are right, and the parts of a second have been lost.'
      : 'These are two clocks, and each has an offset of its own.',
    look: 'time_namespaces(7), /proc/PID/timens_offsets',
    ...(parts && { diagnosis: 'nanoseconds-lost' }),
  });

  const none = await shift(t, {});
  t.ok(isIn(0n, none.monotonic) && isIn(0n, none.boottime), {
    did: none.did,
    kernel: `CLOCK_MONOTONIC is ${inWords(none.monotonic)} there, CLOCK_BOOTTIME ${inWords(none.boottime)}`,
    means: 'A clock of which nothing was said goes as the host’s does.',
  });
});

task('back', async t => {
  const { boottime: now } = await onHost(t, clocks);
  // Half a second before it was booted: a second too many, and half of one back.
  const secs = -Number(now / 1_000_000_000n) + 3;
  const { boottime, uptime, did } = await shift(t, { boottime: { secs, nanosecs: 500_000_000 } });
  t.ok(isIn(nanoseconds(secs, 500_000_000), boottime), {
    did: `${did}, that is 3 to 4 s after its booting`,
    kernel: `CLOCK_BOOTTIME is ${inWords(boottime)} there, and not ${secs} s and 500,000,000 ns`,
    means:
      'An offset may take a clock back. The seconds carry the sign, the nanoseconds are added: -2 and 500,000,000 are 1.5 s less.',
    look: 'README, “Two numbers”',
  });
  t.ok(uptime < 0, {
    did,
    kernel: `/proc/uptime is ${uptime} s more there than on the host`,
    means: 'The container seems to be up for longer than the host.',
  });
});

task('refused', async t => {
  const { monotonic: now } = await onHost(t, clocks);
  const secs = -Number(now / 1_000_000_000n) - 3600;
  let offsets = '';
  const error = await t.refused(
    t.contain({ timeOffsets: { monotonic: { secs } } }).then(box => {
      offsets = readFileSync(`/proc/${box.pid}/timens_offsets`, 'utf8').trim().replace(/ +/g, ' ');
    }),
  );
  const another = /monotonic -?[1-9]/.test(offsets);
  const finding = {
    did: `started a container whose clock is to show an hour before its own zero: monotonic ${secs} s`,
    means: 'The kernel refuses such an offset with ERANGE. Whoever asked for it must hear that it is not so.',
    look: 'time_namespaces(7), ERANGE',
  };
  t.ok(error, {
    ...finding,
    kernel: `contain() returned a container, and its /proc/PID/timens_offsets says\n${offsets}`,
    ...(another && {
      means: 'Another offset has been put in the place of this one. Whoever asked for it believes that it is in force.',
      diagnosis: 'another-offset',
    }),
  });
  t.ok(/ERANGE/.test(`${error?.message} ${error?.error?.code}`), {
    ...finding,
    kernel: `contain() threw ${error?.message}`,
    means: 'That is another refusal. This offset is out of range, and the kernel’s word for it is ERANGE.',
  });
});

task('everyone', async t => {
  const secs = aWhile();
  const box = await t.contain({ timeOffsets: { boottime: { secs } }, init: true });
  await t.until(() => readChildren(box.pid).length > 0);
  const host = t.host.namespaces().time;
  const all = [box.pid, ...readChildren(box.pid)];
  const spaces = all.map(pid => readlinkSync(`/proc/${pid}/ns/time`));
  const who = all.map((_, i) => `${i === 0 ? 'process 1' : 'the command'} is in ${spaces[i]}`);
  t.ok(all.length > 1 && new Set(spaces).size === 1 && !spaces[0]?.includes(`[${host}]`), {
    did: 'started a container with an init and a clock of its own, and looked which time namespace each process is in',
    kernel: `${who.join(', ')}; the host’s is time:[${host}]`,
    means: 'Somebody in the container still has the host’s clocks. What process 1 logs is not what the command sees.',
    look: 'contain() · README, “For those who come after”',
  });
});

task('host-kept', async t => {
  const [secs, space] = [aWhile(), t.host.namespaces().time];
  const before = await onHost(t, clocks);
  const started = process.hrtime.bigint();
  const { realtime, boottime, did } = await shift(t, { monotonic: { secs }, boottime: { secs } });
  const after = await onHost(t, clocks);
  const passed = process.hrtime.bigint() - started;
  const gone = after.boottime - before.boottime;
  t.ok(isIn(nanoseconds(secs), boottime), {
    did,
    kernel: `CLOCK_BOOTTIME is ${inWords(boottime)} there, and not ${secs} s`,
    means: 'The container’s clocks and the host’s can be told apart only once the container has its own.',
    look: 'the offsets first',
  });
  t.ok(t.host.namespaces().time === space && gone <= passed + 1_000_000_000n && gone >= 0n, {
    did,
    kernel: `on the host, CLOCK_BOOTTIME went on by ${inSeconds(gone)} s in ${inSeconds(passed)} s`,
    means: 'The host’s own clocks have been changed.',
  });
  t.ok(realtime[0] < 60_000_000_000n && realtime[1] > -60_000_000_000n, {
    did,
    kernel: `CLOCK_REALTIME is ${inWords(realtime)} there`,
    means: 'The time of day is one for all: the kernel has no offset for it.',
  });
});

/** Some days, in seconds: never the same. */
const aWhile = () => 86_400 + Math.floor(Math.random() * 1_000_000);

const nanoseconds = (secs: number, nanosecs = 0) => BigInt(secs) * 1_000_000_000n + BigInt(nanosecs);
const inSeconds = (ns: bigint) => (Number(ns) / 1e9).toFixed(3);

/** From how much to how much a clock is ahead of the host's. */
type Range = [from: bigint, to: bigint];

const isIn = (expected: bigint, [from, to]: Range) => from <= expected && expected <= to;

function inWords([from, to]: Range): string {
  const middle = (from + to) / 2n;
  if (from <= 0n && to >= 0n) return 'the host’s';
  return `${inSeconds(middle < 0n ? -middle : middle)} s ${middle < 0n ? 'less' : 'more'} than on the host`;
}

type Clocks = Record<'realtime' | 'monotonic' | 'boottime', bigint>;

/** What the clocks show to the process, in nanoseconds. clock_gettime(2) */
async function clocks(visitor: Process): Promise<Clocks> {
  const read = async (clock: number) => {
    const timespec = new BigInt64Array(2);
    await visitor.syscall('clock_gettime', clock, into(new Uint8Array(timespec.buffer)));
    return (timespec[0] ?? 0n) * 1_000_000_000n + (timespec[1] ?? 0n);
  };
  const [realtime, monotonic, boottime] = [CLOCK.REALTIME, CLOCK.MONOTONIC, CLOCK.BOOTTIME].map(read);
  return { realtime: (await realtime) ?? 0n, monotonic: (await monotonic) ?? 0n, boottime: (await boottime) ?? 0n };
}

async function readUptime(visitor: Process): Promise<number> {
  const fd = await visitor.open('/proc/uptime');
  const text = (await visitor.read(fd, 64)).toString();
  await visitor.close(fd);
  return Number.parseFloat(text);
}

/** How far the clocks of a container with these offsets are ahead of the host's, for a process that enters its time namespace. */
async function shift(t: Context, timeOffsets: Record<string, unknown>) {
  const box = await t.contain({ timeOffsets });
  const pid = box.status().nsPids[1];
  const isOwn = box.namespaces().time !== t.host.namespaces().time;
  // Two of them: the way back into a namespace of the machine's is barred.
  return onHost(t, outside =>
    onHost(t, async visitor => {
      if (isOwn) await visitor.setns(await visitor.open(`/proc/${pid}/ns/time`), CLONE.NEWTIME);
      const [before, uptime] = [await clocks(outside), await readUptime(outside)];
      const [inside, uptimeInside] = [await clocks(visitor), await readUptime(visitor)];
      const after = await clocks(outside);

      const range = (clock: keyof Clocks): Range => [inside[clock] - after[clock], inside[clock] - before[clock]];
      return {
        did: `started a container with timeOffsets: ${JSON.stringify(timeOffsets)}, and read its clocks in its time namespace`,
        ...{ realtime: range('realtime'), monotonic: range('monotonic'), boottime: range('boottime') },
        uptime: uptimeInside - uptime,
        shows: inside.boottime,
      };
    }),
  );
}

async function onHost<T>(t: Context, look: (visitor: Process) => Promise<T>): Promise<T> {
  const visitor = await t.session.sandbox.join();
  try {
    return await look(visitor);
  } finally {
    await visitor.end();
  }
}

/** What the kernel said to a write or an open of timens_offsets, by Node or by the box: 'EACCES', and the call. */
function offsetsRefused({ error }: Evidence): { code: string; call: 'open' | 'write' } | null {
  const [, code = '', call = ''] = /\b(E[A-Z]+)\b.*\b(open|write)\b/.exec(error?.message ?? '') ?? [];
  if (!error || (call === 'open' && !/timens_offsets/.test(`${error.message} ${error.error?.call}`))) return null;
  if (call === 'open' || call === 'write') return { code, call };
  const { syscall, code: errno = '', call: text = '' } = error.error ?? {};
  if (syscall === 'write') return { code: errno, call: 'write' };
  return syscall === 'openat' && text.includes('timens_offsets') ? { code: errno, call: 'open' } : null;
}

/** The call that made the namespace, and the last clone: their places in the trace. */
const unshared = ({ index }: Evidence) => index('unshare', /CLONE_NEWTIME/);
const lastClone = ({ trace }: Evidence) => trace.findLastIndex(call => call.name === 'clone' && call.result !== null);

diagnosis('first-process-too-early', evidence => {
  const refused = offsetsRefused(evidence);
  const { trace } = evidence;
  if (refused?.code !== 'EACCES' || unshared(evidence) < 0 || lastClone(evidence) < unshared(evidence)) return null;
  return {
    kernel: `${trace[unshared(evidence)]?.text}\n${trace[lastClone(evidence)]?.text}\n/proc/PID/timens_offsets: EACCES`,
    means:
      'The order is wrong: between the two calls, a first process was born in the namespace. Since then its clocks go, and no ' +
      'clock may jump under somebody who reads it.',
    look: 'time_namespaces(7): EACCES · README, “For those who come after”',
  };
});

diagnosis('written-by-the-container', evidence => {
  const refused = offsetsRefused(evidence);
  if (refused?.call !== 'open' || refused.code !== 'EACCES') return null;
  return {
    means:
      'The file is the host’s root’s, like the maps of lesson 09. Root inside is somebody else since ownUsers, and may not ' +
      'open it. Whose root may?',
    look: 'README, “Two numbers” · proc(5), on who owns the files of /proc/PID',
  };
});

diagnosis('node-writes-its-own', evidence => {
  const refused = offsetsRefused(evidence);
  if (!refused || !['EPERM', 'EACCES'].includes(refused.code)) return null;
  if (!/(?<!box\.open\(.)\/proc\/(self|\$\{process\.pid\})\/timens_offsets/.test(evidence.source)) return null;
  return {
    means:
      '/proc/self is whoever looks: here Node, which runs your file on the host. Its own offsets are the machine’s. The box ' +
      'has a number of its own.',
    look: 'Process, pid',
  };
});

diagnosis('made-with-clone', evidence => {
  const clone = evidence.find('clone', /CLONE_NEWTIME/);
  if (!clone) return null;
  return {
    kernel: `${clone.text}\n${evidence.feedback.kernel}`,
    means:
      'clone makes the namespace together with its first process. From that moment the offsets are fixed: there was no time to ' +
      'set them.',
    look: 'README, “For those who come after”',
  };
});

diagnosis('no-namespace', evidence => {
  const refused = offsetsRefused(evidence);
  if (!refused || !['EPERM', 'EACCES'].includes(refused.code) || unshared(evidence) >= 0) return null;
  return {
    means:
      'Nobody has made a time namespace, so these are the offsets of the host’s, in which the machine’s every process lives. The ' +
      'kernel lets nobody change them.',
    look: 'unshare(2), CLONE_NEWTIME',
  };
});

diagnosis('not-a-line', evidence => {
  if (offsetsRefused(evidence)?.code !== 'EINVAL') return null;
  return {
    means:
      'The kernel does not understand what was written: a line is the clock’s name, the seconds and the nanoseconds, all three, ' +
      'as whole numbers, with blanks between them. What stands there when somebody gave no nanoseconds?',
    look: 'time_namespaces(7), /proc/PID/timens_offsets',
  };
});

diagnosis('below-zero', evidence => {
  if (offsetsRefused(evidence)?.code !== 'ERANGE' || evidence.task === 'refused') return null;
  return {
    means:
      'What was asked for would not take a clock below its zero, and what was written would. Which sign has an offset, when the ' +
      'container’s clock is to be ahead of the host’s?',
    look: 'Spec, TimeOffsets',
  };
});

diagnosis(
  'refusal-swallowed',
  ({ source, feedback }) =>
    /\bcatch\b/.test(source.replace(/\/\/.*$/gm, '')) &&
    feedback.kernel.startsWith('contain() returned') && {
      means:
        'The kernel has refused, and your code went on. The container runs with the host’s clock, and who asked for another one ' +
        'is never told.',
      look: 'every `catch` in your file',
    },
  ['refused'],
);

diagnosis(
  'acts-on-children',
  evidence => {
    if (unshared(evidence) < lastClone(evidence) || unshared(evidence) < 0) return null;
    const { trace, feedback } = evidence;
    return {
      kernel: `${trace[lastClone(evidence)]?.text}\n${trace[unshared(evidence)]?.text}\n${feedback.kernel}`,
      means:
        'The order is wrong. The call does not move its caller: its next child is the first in the new namespace. Process 1 was ' +
        'born before, in the host’s, and stays there; newer kernels move it when it executes a program, and an init never does.',
      look: 'time_namespaces(7) · README, “For those who come after”',
    };
  },
  ['everyone', 'own-namespace', 'boottime'],
);

diagnosis(
  'one-clock-only',
  ({ feedback, source }) =>
    /is the host’s/.test(feedback.kernel) &&
    /\.(boottime|monotonic)\b/.test(source) && {
      means:
        'Each of the two clocks may have an offset, and your code writes that of one. Go through all that was given.',
      look: 'Object.entries · time_namespaces(7), /proc/PID/timens_offsets',
    },
  ['monotonic', 'boottime'],
);
