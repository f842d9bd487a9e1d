// What must be true of lesson 10's container. Limits are not read back, except in the first task, but tried: what the kernel
// gives is measured, from outside.
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Evidence, type TraceLine, task } from '#check';
import { makedev, Process, readArguments, readStatus, S } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
  // Lesson 05's matter, and many calls.
  maskedPaths: [],
  readonlyPaths: [],
});

const busy = ['/bin/sh', '-c', 'while :; do :; done'];
const MiB = 2 ** 20;

task('written', async t => {
  for (const controller of ['memory', 'cpu', 'pids']) need(t, controller);
  const [max, period, pids] = [pick(64, 128) * MiB, pick(20, 90) * 1000, pick(20, 90)];
  const memory = { max, high: max - pick(1, 9) * MiB, low: pick(1, 9) * MiB, ...swapOf(t, pick(1, 9) * MiB) };
  const cpu = { quota: pick(5, 15) * 1000, period, weight: pick(2, 99) };
  const expected: Record<string, string> = {
    'memory.max': `${max}`,
    'memory.high': `${memory.high}`,
    'memory.low': `${memory.low}`,
    ...('swap' in memory && { 'memory.swap.max': `${memory.swap}` }),
    'cpu.max': `${cpu.quota} ${period}`,
    'cpu.weight': `${cpu.weight}`,
    'pids.max': `${pids}`,
  };
  const { folder, did } = await started(t, { resources: { memory, cpu, pids } }, false);
  const free = await started(t, { resources: {} }, false);
  for (const [file, text] of Object.entries(expected)) {
    const [found, unlimited] = [read(folder, file), read(free.folder, file)];
    const swapped = file === 'cpu.max' && found === `${period} ${cpu.quota}`;
    t.is(found, text, {
      did,
      kernel: `${file}: ${found}`,
      means: swapped
        ? 'Quota and period have changed places. As it stands, that is more than a whole CPU: no limit at all.'
        : `That is not what was asked for, in the kernel’s words: it should say ${text}.`,
      look: 'README, “The kernel’s words” · cgroup-v2, “Interface Files”',
      diagnosis: swapped ? 'quota-and-period-swapped' : 'not-written',
    });
    t.ok(unlimited !== text && !/^0\b/.test(unlimited.replace(/^0$/, '')), {
      did: free.did,
      kernel: `${file}: ${unlimited}`,
      means: 'Nobody asked for a limit here.',
    });
  }
});

task('controllers', async t => {
  need(t, 'pids');
  const [above, below] = [t.nonce('above'), t.nonce('below')];
  const path = `/${above}/${below}/${t.nonce('box')}`;
  const pids = pick(20, 90);
  try {
    const { folder, did } = await started(t, { cgroup: path, resources: { pids } }, false);
    const files = { memory: 'memory.current', cpu: 'cpu.max', io: 'io.stat', pids: 'pids.current' };
    const missing = Object.entries(files)
      .filter(([controller, file]) => hasController(t, controller) && !existsSync(`${folder}/${file}`))
      .map(([, file]) => file);
    t.is(missing.length, 0, {
      did,
      kernel: `${path} has no ${missing.join(', ')}`,
      means:
        'A cgroup has the controllers that the one above it passes down, and that one has what is passed down to it.',
      look: 'README, “Passed down”',
      diagnosis: 'controllers-not-enabled',
    });
    t.is(read(folder, 'pids.max'), `${pids}`, {
      did,
      kernel: `pids.max: ${read(folder, 'pids.max')}`,
      means: `It should say ${pids}.`,
    });
  } finally {
    await remove(t, `/${above}/${below}`, `/${above}`);
  }
});

task('taken', async t => {
  const { cgroup, box, folder } = await started(t, {}, false);
  const error = await t.refused(t.contain({ cgroup }));
  const did = `started a container in the cgroup ${cgroup}, and another with the same cgroup`;
  const means = 'Two containers share one set of limits, and what ends one ends the other.';
  t.ok(error?.message.includes('EEXIST'), {
    did,
    kernel: error
      ? `your code threw: ${error.message}`
      : 'it started; mkdir on a folder that is there says EEXIST, unless told not to',
    means: error ? 'It was refused for another reason than that the cgroup is there already.' : means,
    look: 'mkdir(2), EEXIST',
    ...(!error && { diagnosis: 'cgroup-shared' }),
  });
  await pause(100);
  t.ok(isAlive(box.pid) && existsSync(folder), {
    did,
    kernel: isAlive(box.pid) ? `${cgroup} is gone` : 'the first one was ended, by SIGKILL',
    means: 'The second was refused, and took the first one’s cgroup with it: it cleaned up what it had not made.',
    look: 'contain: what must have succeeded before there is something to remove?',
    diagnosis: 'removed-anothers',
  });
});

task('refused', async t => {
  need(t, 'cpu');
  const cgroup = `/${t.nonce('box')}`;
  const folder = top(t) + cgroup;
  // A quota of less than a millisecond: the kernel takes none.
  const error = await t.refused(t.contain({ cgroup, resources: { cpu: { quota: 10 } } }));
  const did = 'started a container with a CPU quota of 10 µs, where the kernel’s least is 1000 µs';
  t.ok(error?.message.includes('EINVAL'), {
    did,
    kernel: error ? `your code threw: ${error.message}` : 'it started',
    means: 'What was written to cpu.max is refused with EINVAL. A container whose limits cannot be set must not start.',
    ...(!error && existsSync(folder) && { diagnosis: 'refusal-swallowed' }),
  });
  t.ok(await t.until(() => !existsSync(folder), 1000), {
    did,
    kernel: `${cgroup} is still there, and holds ${read(folder, 'cgroup.procs') || 'no process'}`,
    means: 'The folder had been made when the limit was refused, and nobody came back to remove it.',
    look: 'makeCgroup: what has been done when tell() throws?',
    diagnosis: 'left-when-refused',
  });
});

task('member', async t => {
  const above = `/${t.nonce('above')}`;
  await onHost(t, visitor => visitor.mkdir(`/sys/fs/cgroup${above}`));
  const cgroup = `${above}/${t.nonce('box')}`;
  const folder = top(t) + cgroup;
  try {
    writeFileSync(`${top(t)}${above}/cgroup.freeze`, '1');
    let isSettled = false;
    const starting = t
      .contain({ cgroup })
      .then(
        box => ({ box }),
        error => ({ error }),
      )
      .finally(() => {
        isSettled = true;
      });
    // Whoever comes in stops where it is, and what it is can be looked at in peace: the start does not end before the thaw.
    await t.until(() => isSettled || procs(folder).length > 0, 10_000);
    const found = procs(folder).map(pid => readArguments(pid).join(' '));
    writeFileSync(`${top(t)}${above}/cgroup.freeze`, '0');
    const outcome = await starting;
    if ('error' in outcome) throw outcome.error;
    const { box } = outcome;

    const did = `started a container in the cgroup ${cgroup}, below one that is frozen: what comes in stops there`;
    t.ok(isIn(box.pid, folder), {
      did,
      kernel: `/proc/${box.reference.pid}/cgroup: ${cgroupOf(box.pid)}`,
      means: 'The command is in another cgroup: the limits are not its own.',
      look: 'README, “Who is in it”',
    });
    t.ok(!found.some(command => command.includes('/bin/sleep')), {
      did,
      kernel: `who came in was already \`${found.join('`, `')}\``,
      means:
        'The command had begun before it was moved: what it had allocated by then counts elsewhere, and what it had forked stayed outside.',
      look: 'contain: before box becomes the command',
      diagnosis: 'moved-after-exec',
    });
    const others = procs(folder)
      .filter(pid => pid !== box.pid)
      .map(pid => readArguments(pid).join(' ') || 'a zombie');
    t.is(others.length, 0, {
      did,
      kernel: `cgroup.procs holds the command, and ${others.join(', ')}`,
      means:
        'A process of the host is in the container’s cgroup: it takes from what the container may have, and is frozen and killed with it.',
      look: 'contain: joinCgroup, after the process that will be the command is there',
      diagnosis: 'supervisor-inside',
    });
  } finally {
    await remove(t, above);
  }
});

task('memory', async t => {
  need(t, 'memory');
  const limit = pick(10, 16);
  const host = () => count(`${top(t)}/init.scope`, 'memory.events.local', 'oom_kill');
  const before = host();
  const [small, large] = [
    `dd if=/dev/zero of=/dev/null bs=4M count=1`,
    `dd if=/dev/zero of=/dev/null bs=${limit * 2}M count=1`,
  ];
  const script = `${small}; echo small $?; ${large}; echo large $?; exec sleep 60`;
  const { folder, box, did } = await started(t, {
    command: ['/bin/sh', '-c', script],
    resources: { memory: { max: limit * MiB, ...swapOf(t, 0) } },
  });
  const output = await said(t, /large \d+/);
  const kills = count(folder, 'memory.events', 'oom_kill');
  const kernel = `\`${large}\` ended with status ${/large (\d+)/.exec(output)?.[1] ?? '?'}; memory.events: oom_kill ${kills}, max ${count(folder, 'memory.events', 'max')}`;
  t.ok(output.includes('small 0'), { did, kernel: output, means: 'Less than the limit was refused as well.' });
  t.ok(output.includes('large 137') && kills === 1, {
    did: `${did}; in it, a program wanted ${limit * 2} MiB`,
    kernel,
    means: 'It got them. A container that takes all memory there is leaves the host none.',
    look: 'README, “Memory” · cgroup-v2, memory.max',
  });
  t.ok(host() === before && existsSync(`/proc/${box.pid}`), {
    did,
    kernel: `${kernel}; on the host, ${host() - before} were killed`,
    means: 'Somebody else had to die for it.',
  });
});

task('memory-high', async t => {
  need(t, 'memory');
  const [high, want] = [pick(6, 10), 24];
  const hog = ['/bin/dd', 'if=/dev/zero', 'of=/dev/null', `bs=${want}M`, 'count=1'];
  const free = await started(t, { command: hog });
  t.is((await free.box.exited()).code, 0, {
    did: free.did,
    kernel: `\`${hog.join(' ')}\` failed`,
    means: 'Without a limit it must succeed.',
  });

  const { folder, box, did } = await started(t, { command: hog, resources: { memory: { high: high * MiB } } });
  await t.until(() => count(folder, 'memory.events', 'high') > 0 || !existsSync(folder), 1500);
  await pause(150);
  t.ok(existsSync(folder) && isIn(box.pid, folder), {
    did: `${did}; in it, a program wanted ${want} MiB`,
    kernel: 'it had them, and had ended, in no time',
    means: 'Nothing slowed it down.',
    look: 'README, “Memory” · cgroup-v2, memory.high',
  });
  const [current, kills] = [Number(read(folder, 'memory.current')), count(folder, 'memory.events', 'oom_kill')];
  t.ok(current < (high + 6) * MiB && kills === 0, {
    did,
    kernel: `memory.current: ${current}; memory.events: oom_kill ${kills}`,
    means: `It should be about ${high} MiB by now, and growing slowly; and alive.`,
  });
});

task('quota', async t => {
  need(t, 'cpu');
  const [percent, period] = [pick(25, 40), pick(20, 25) * 1000];
  const isQuota = ([share = 0]: number[]) => share > (percent / 100) * 0.5 && share < (percent / 100) * 1.4;
  const quota = (percent * period) / 100;
  const { folder, box, did } = await started(t, { command: busy, resources: { cpu: { quota, period } } });
  const counted = () => ['nr_throttled', 'nr_periods'].map(key => count(folder, 'cpu.stat', key));
  const before = counted();
  const shares = await shareOf([box.pid], 500, isQuota);
  const share = Math.round(100 * (shares[0] ?? 0));
  const [throttled = 0, periods = 0] = counted().map((each, i) => each - (before[i] ?? 0));
  const [max, asked] = [read(folder, 'cpu.max'), `${quota} ${period}`];
  const diagnosis =
    max === `${period} ${quota}`
      ? 'quota-and-period-swapped'
      : max === `${quota} 100000` && max !== asked
        ? 'period-forgotten'
        : undefined;
  t.ok(isQuota(shares), {
    did: `${did}; in it, an endless loop, watched for a while`,
    kernel: `it ran for ${share} % of that time; cpu.max: ${max}; throttled ${throttled} times`,
    means: `It should have run for ${percent} %: ${quota} µs of every ${period} µs.`,
    look: 'README, “CPU time” · cgroup-v2, cpu.max',
    ...(diagnosis && { diagnosis }),
  });
  // Where much else runs, it may get no more than its quota by chance. Now and then even a limit that is none stops it there.
  t.ok(throttled > periods / 3, {
    did,
    kernel: `cpu.stat: throttled in ${throttled} of ${periods} periods`,
    means: 'It ran for the right time, and yet nobody stopped it: something else did.',
    ...(diagnosis && { diagnosis }),
  });
});

task('weight', async t => {
  need(t, 'cpu');
  const [light, times] = [pick(50, 200), pick(3, 5)];
  const weights = [light, light * times];
  // One after the other: when the first fails, no second may be on its way.
  const boxes = [];
  for (const weight of weights) boxes.push(await started(t, { command: busy, resources: { cpu: { weight } } }));
  const pids = boxes.map(({ box }) => box.pid);
  await onOneCpu(pids);
  const isShared = ([a = 0, b = 0]: number[]) => b / a > times * 0.6 && b / a < times * 1.7;
  const shares = await shareOf(pids, 500, isShared);
  const [a = 0, b = 0] = shares;
  t.ok(isShared(shares), {
    did: `started two containers with endless loops and the CPU weights ${weights.join(' and ')}, on one CPU`,
    kernel: `they ran for ${Math.round(a * 100)} % and ${Math.round(b * 100)} % of the time; cpu.weight: ${boxes.map(({ folder }) => read(folder, 'cpu.weight')).join(' and ')}`,
    means: `The second should get ${times} times as much as the first.`,
    look: 'README, “CPU time” · cgroup-v2, cpu.weight',
  });
});

task('pids', async t => {
  need(t, 'pids');
  const limit = pick(3, 7);
  const script = 'while :; do sleep 60 & echo forked; i=x$i; [ $i = xxxxxxxxxxxx ] && exit; done';
  const { box, did } = await started(t, { command: ['/bin/sh', '-c', script], resources: { pids: limit } });
  const output = await box.output();
  const forked = output.match(/forked/g)?.length ?? 0;
  const finding = {
    did: `${did}; in it, a shell forked again and again`,
    look: 'README, “Processes” · cgroup-v2, pids.max',
  };
  t.ok(output.includes('Resource temporarily unavailable') || output.includes('fork'), {
    ...finding,
    kernel: `it forked ${forked} times, and was not refused`,
    means: 'A program that forks for ever leaves no process, and no memory, to anybody else.',
  });
  t.is(forked, limit - 1, {
    ...finding,
    kernel: `it forked ${forked} times before it was refused: ${output.trim().split('\n').at(-1)}`,
    means: `With itself, there should have been ${limit} processes.`,
  });
});

task('cpuset', async t => {
  need(t, 'cpuset');
  const cpus = cpusOf(process.pid);
  if (cpus.length < 2) t.skip('there is one CPU here, and everything runs on it');
  const cpu = pickOf(cpus);
  const { box, did } = await started(t, { resources: { cpuset: { cpus: `${cpu}` } } });
  t.same(cpusOf(box.pid), [cpu], {
    did,
    kernel: `/proc/${box.reference.pid}/status: Cpus_allowed_list: ${readStatus(box.pid).fields.Cpus_allowed_list}`,
    means: `It should run on CPU ${cpu} and no other.`,
    look: 'cgroup-v2, cpuset.cpus',
  });
});

task('io', async t => {
  need(t, 'io');
  const disk = (await findDisk(t)) ?? t.skip('this machine has no disk of its own that could be read');
  const rate = pick(2, 4) * MiB;
  const [limited, free] = [
    await started(t, { resources: { io: [{ device: disk.device, rbps: rate }] } }),
    await started(t),
  ];
  const bytes = 2 * MiB;
  const fast = await timeToRead(disk.path, bytes, free.folder);
  const slow = await timeToRead(disk.path, bytes, limited.folder);
  t.ok(slow > (0.5 * bytes) / rate && slow < 3 + (2 * bytes) / rate && fast < slow, {
    did: `${limited.did}; then put a process of ours into its cgroup, to read ${bytes} bytes of ${disk.path}`,
    kernel: `that took ${slow.toFixed(2)} s, and ${fast.toFixed(2)} s without a limit; io.max: ${read(limited.folder, 'io.max')}`,
    means: `At ${rate} bytes a second it should have taken ${(bytes / rate).toFixed(2)} s.`,
    look: 'cgroup-v2, io.max',
  });
});

task('own-root', async t => {
  const { box, cgroup, did } = await started(t, { command: ['/bin/cat', '/proc/self/cgroup'] });
  const output = (await box.output()).trim();
  t.is(output, '0::/', {
    did: `${did}; in it, \`cat /proc/self/cgroup\``,
    kernel: output || 'it printed nothing',
    means: output.includes('..')
      ? `The root of its cgroup namespace is where it was when that was made; ${cgroup} lies elsewhere.`
      : 'It reads where in the host’s hierarchy it is, and what the host calls it.',
    look: 'README, “What it sees” · cgroup_namespaces(7)',
    diagnosis: output.includes('..') ? 'namespace-before-join' : 'no-cgroup-namespace',
  });
});

task('view', async t => {
  need(t, 'memory');
  const max = pick(64, 128) * MiB;
  const { box, folder, did } = await started(t, { resources: { memory: { max } } });
  const mount = box.mounts().findLast(each => each.mountPoint === '/sys/fs/cgroup');
  t.is(mount?.type, 'cgroup2', {
    did,
    kernel: mount
      ? `a ${mount.type} is mounted at /sys/fs/cgroup`
      : 'nothing is mounted at /sys/fs/cgroup of the container',
    means: 'A program that wants to know how much memory it may use looks there: Java, Go and Node do.',
    look: 'README, “What it sees”',
  });
  const [inside, outside] = [box.stat('/sys/fs/cgroup').ino, statSync(folder).ino];
  t.is(inside, outside, {
    did,
    kernel: `/sys/fs/cgroup inside is inode ${inside}, its own cgroup is ${outside}; there it sees ${
      box
        .list('/sys/fs/cgroup')
        .filter(name => !/[.]/.test(name) || name.endsWith('.scope'))
        .join(', ') || 'files alone'
    }`,
    means: 'What is mounted is not its own cgroup but one further up: it sees the host’s other containers.',
    look: 'README, “What it sees” · cgroup_namespaces(7)',
    diagnosis: 'somebody-elses-view',
  });
  t.is(box.read('/sys/fs/cgroup/memory.max').trim(), `${max}`, {
    did,
    kernel: `memory.max inside: ${box.read('/sys/fs/cgroup/memory.max')}`,
    means: `It should read ${max}.`,
  });
  t.ok(mount?.options.includes('ro'), {
    did,
    kernel: `${mount?.mountPoint} is mounted ${mount?.options.join(',')}`,
    means:
      'It can be written. Today the container’s root owns none of these files; a limit that depends on that is a thin one.',
    look: 'mount(2), MS_RDONLY',
    diagnosis: 'view-writable',
  });
});

task('frozen', async t => {
  const { box, cgroup, folder, did } = await started(t, { command: busy });
  const advances = async () => (await shareOfOne(box.pid, 150)) > 0;
  t.ok(await t.until(advances), { did, kernel: 'it used no CPU', means: 'It should be running in a loop.' });
  await t.call('freeze', cgroup);
  const [events, share] = [read(folder, 'cgroup.events'), await shareOfOne(box.pid, 200)];
  t.ok(share === 0 && events.includes('frozen 1'), {
    did: `${did}, with an endless loop; called freeze, and watched it for 0.2 s`,
    kernel: `it ran for ${Math.round(share * 100)} % of that time; cgroup.events: ${events.replaceAll('\n', ', ')}`,
    means:
      share > 0
        ? 'It goes on as if nothing had happened.'
        : 'It stands still, but not because its cgroup is frozen: what is started in it would run.',
    look: 'cgroup-v2, cgroup.freeze',
    ...(share === 0 && { diagnosis: 'stopped-not-frozen' }),
  });
  await t.call('thaw', cgroup);
  t.ok(await t.until(advances, 1000), {
    did: 'called thaw, and watched it for a second',
    kernel: `it used no CPU; cgroup.freeze: ${read(folder, 'cgroup.freeze')}`,
    means: 'It is still frozen.',
    look: 'cgroup-v2, cgroup.freeze',
  });
});

task('killed', async t => {
  const { cgroup, folder, did } = await started(t);
  await onHost(t, one =>
    onHost(t, async other => {
      for (const { pid } of [one, other]) writeFileSync(`${folder}/cgroup.procs`, `${pid}`);
      await t.call('freeze', cgroup);
      const before = procs(folder);
      await t.call('killAll', cgroup);
      t.ok(await t.until(() => !before.some(isAlive), 1000), {
        did: `${did}; put two processes of ours into its cgroup, froze it, and called killAll`,
        kernel: `of ${before.length} processes, ${before.filter(isAlive).length} are still there`,
        ...([one.pid, other.pid].some(isAlive)
          ? {
              means: 'Who came in later lives on: no child of the container’s process 1, it does not die with that.',
              diagnosis: 'overlooked',
            }
          : { means: 'The container lives on.' }),
        look: 'README, “Freeze and kill” · cgroup-v2, cgroup.kill',
      });
    }),
  );
});

task('gone', async t => {
  const goes = async (command: string[], how: string, end: (box: Box, folder: string) => unknown) => {
    const { box, folder, cgroup, did } = await started(t, { command });
    await end(box, folder);
    t.ok(await t.until(() => !existsSync(folder), 1500), {
      did: `${did}; ${how}`,
      kernel: [
        `${cgroup} is still there, and holds ${procs(folder).length} processes`,
        ...t.session.unhandled.map(error => `nobody caught: ${error.message}`).slice(-1),
      ].join('\n'),
      means: 'Every container that ever ran leaves a cgroup in the kernel’s memory.',
      look: 'removeCgroup',
      ...(!t.session.unhandled.length && { diagnosis: 'leftover' }),
    });
  };
  await goes(['/bin/sleep', '0.2'], 'it ended', () => {});
  await goes(['/bin/sleep', '60'], 'it was killed', box => box.kill());
  await onHost(t, guest =>
    goes(['/bin/sleep', '60'], 'it was killed, while a process of ours was in its cgroup as well', (box, folder) => {
      writeFileSync(`${folder}/cgroup.procs`, `${guest.pid}`);
      box.kill();
    }),
  );

  const cgroup = `/${t.nonce('box')}`;
  const error = await t.refused(t.contain({ cgroup, layers: [`/none-${t.nonce()}`] }));
  t.ok(error, {
    did: 'started a container of a layer that does not exist',
    kernel: 'it started',
    means: 'That cannot be.',
  });
  t.ok(await t.until(() => !existsSync(top(t) + cgroup), 1500), {
    did: 'started a container of a layer that does not exist',
    kernel: `your code threw: ${error?.message}; ${cgroup} is still there`,
    means: 'Whatever goes wrong once the cgroup has been made, it must be removed.',
    look: 'contain: before the first call that may fail',
    diagnosis: 'left-after-failure',
  });
});

task('statistics', async t => {
  need(t, 'cpu');
  const { cgroup, folder, did } = await started(t, { command: busy, resources: { cpu: { quota: 20_000 } } });
  await t.until(() => count(folder, 'cpu.stat', 'nr_throttled') > 0);
  const expected = numbersOf(folder);
  const found = (await t.call('statistics', cgroup)) as Record<string, number> | null;
  const after = numbersOf(folder);
  const wrong = Object.keys(expected).filter(key => {
    const [low, value, high] = [expected[key] ?? 0, found?.[key] ?? Number.NaN, after[key] ?? 0];
    // Memory comes and goes; all else only grows.
    return key.endsWith('.current') ? !(value > 0) : !(value >= low && value <= high);
  });
  t.is(wrong.length, 0, {
    did: `${did}, with an endless loop, and called statistics`,
    kernel: wrong
      .slice(0, 5)
      .map(key => `${key}: the kernel says ${expected[key]}, and statistics ${found?.[key]}`)
      .join('\n'),
    means: 'A number is missing, or another than the kernel’s.',
    look: 'README, “What it uses”',
    ...(found && 'usage_usec' in found && { diagnosis: 'names-collide' }),
  });
});

/** The sandbox's cgroup: the root of the hierarchy, as the learner's code sees it. */
function top(t: Context): string {
  return t.session.sandbox.cgroup ?? t.skip(`no cgroup can be made here: ${t.session.sandbox.unlimited}`);
}

const hasController = (t: Context, name: string) => read(top(t), 'cgroup.controllers').split(' ').includes(name);

function need(t: Context, controller: string): void {
  if (!hasController(t, controller)) t.skip(`the ${controller} controller is not passed down to us here`);
}

/** Swap can be limited only where the kernel was built with it. */
const swapOf = (t: Context, swap: number) => (existsSync(`${top(t)}/init.scope/memory.swap.max`) ? { swap } : {});

const read = (folder: string, file: string) =>
  existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, 'utf8').trim() : '';
const procs = (folder: string) => read(folder, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
/** Also of a process that is about to end, which cgroup.procs no longer lists. */
const cgroupOf = (pid: number) => tryRead(`/proc/${pid}/cgroup`).trim();
const isIn = (pid: number, folder: string) => cgroupOf(pid).endsWith(folder.slice(folder.lastIndexOf('/')));
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && readStatus(pid).state !== 'Z';
/** One number of a file of names and numbers. */
const count = (folder: string, file: string, key: string) =>
  Number(new RegExp(`^${key} (\\d+)`, 'm').exec(read(folder, file))?.[1] ?? 0);

const pick = (least: number, most: number) => least + Math.floor(Math.random() * (most - least + 1));
const pickOf = <T>(values: T[]) => values[pick(0, values.length - 1)] as T;
const pause = (milliseconds: number) => new Promise(next => setTimeout(next, milliseconds));

/** A container with a cgroup of its own; `joined`: whose command is in that cgroup, or has ended. */
async function started(t: Context, spec: Record<string, unknown> = {}, joined = true) {
  const cgroup = (spec.cgroup as string) ?? `/${t.nonce('box')}`;
  const folder = top(t) + cgroup;
  const box = await t.contain({ cgroup, ...spec });
  const did = `started a container in the cgroup ${cgroup}`;
  // A command may have ended before this line is reached.
  t.ok((joined ? isIn(box.pid, folder) : existsSync(folder)) || !isAlive(box.pid), () => ({
    did,
    ...(existsSync(folder)
      ? {
          kernel: `/proc/${box.reference.pid}/cgroup: ${cgroupOf(box.pid)}`,
          means: 'The command is not in it: whatever its limits are, they are not the command’s.',
          look: 'README, “Who is in it”',
        }
      : {
          kernel: `there is no ${cgroup} below /sys/fs/cgroup`,
          means: 'Without a cgroup there is nothing that the kernel could limit.',
          look: 'README, “A folder is a group”',
        }),
  }));
  const limits = spec.resources ? ` with ${JSON.stringify(spec.resources).replaceAll('"', '')}` : '';
  return { box, cgroup, folder, did: did + limits };
}

/** A process of ours on the host. */
async function onHost<T>(t: Context, look: (visitor: Process) => Promise<T>): Promise<T> {
  const visitor = await t.session.sandbox.join();
  try {
    return await look(visitor);
  } finally {
    await visitor.end();
  }
}

/** Removes cgroups that are not the learner's to remove, with what is in them. */
async function remove(t: Context, ...paths: string[]): Promise<void> {
  for (const folder of paths.map(path => top(t) + path).filter(existsSync)) {
    writeFileSync(`${folder}/cgroup.kill`, '1');
    await t.until(() => read(folder, 'cgroup.events').includes('populated 0'));
    const below = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
    for (const { name } of below) rmdirSync(`${folder}/${name}`);
    rmdirSync(folder);
  }
}

/**
 * What part of the next milliseconds each process spends on a CPU. Where that is not `plausible` yet, it goes on for up to 3 s: a
 * scheduler is fair in the long run. proc_pid_stat(5): utime and stime, of 10 ms each.
 */
async function shareOf(pids: number[], milliseconds: number, plausible = (_: number[]) => true): Promise<number[]> {
  const used = () =>
    pids.map(pid => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    });
  const [before, begun] = [used(), performance.now()];
  for (;;) {
    await pause(milliseconds);
    const [after, took] = [used(), performance.now() - begun];
    const shares = after.map((each, i) => (each - (before[i] ?? 0)) / took);
    if (took > 3000 || plausible(shares)) return shares;
  }
}

const shareOfOne = async (pid: number, milliseconds: number) => (await shareOf([pid], milliseconds))[0] ?? 0;

/** The CPUs on which a process may run. */
const cpusOf = (pid: number) =>
  (readStatus(pid).fields.Cpus_allowed_list ?? '').split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });

async function onOneCpu(pids: number[]): Promise<void> {
  const [cpu = 0] = cpusOf(process.pid);
  const mask = new Uint8Array(128);
  mask[cpu >> 3] = 1 << (cpu & 7);
  const helper = await Process.start();
  for (const pid of pids) await helper.syscall('sched_setaffinity', pid, mask.length, mask);
  await helper.end();
}

/** A disk that may be read here, as a whole: on a machine one of its own, in our guest one in memory. */
async function findDisk(t: Context): Promise<{ path: string; device: string } | null> {
  if ((await t.facts()).guest && !existsSync('/sys/block/ram0')) await loadRamDisk();
  for (const name of readdirSync('/sys/block').filter(name => /^(ram|sd|vd|nvme)/.test(name))) {
    const [path, folder] = [`/dev/${name}`, `/sys/block/${name}`];
    try {
      accessSync(path, constants.R_OK);
      if (read(folder, 'size') !== '0') return { path, device: read(folder, 'dev') };
    } catch {
      // Not ours to read.
    }
  }
  return null;
}

/** Whoever opens a device without a driver has the kernel load the driver. */
async function loadRamDisk(): Promise<void> {
  const helper = await Process.start();
  await helper.mknod('/dev/ram0', S.IFBLK | 0o600, makedev(1, 0));
  await helper.open('/dev/ram0').catch(() => {});
  await helper.end();
}

/** Seconds that a process of ours in the cgroup takes to read a disk past the page cache. */
async function timeToRead(path: string, bytes: number, folder: string): Promise<number> {
  const reader = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
  writeFileSync(`${folder}/cgroup.procs`, `${reader.pid}`);
  const begun = performance.now();
  await reader.execve('/bin/dd', [
    'dd',
    `if=${path}`,
    'of=/dev/null',
    'bs=64k',
    `count=${bytes >> 16}`,
    'iflag=direct',
  ]);
  await reader.exited;
  return (performance.now() - begun) / 1000;
}

/** Some of what `statistics` is to say, by the kernel's files. */
function numbersOf(folder: string): Record<string, number> {
  const keys = {
    'memory.events': ['oom_kill', 'max'],
    'cpu.stat': ['usage_usec', 'nr_throttled', 'throttled_usec'],
    'pids.events': ['max'],
  };
  const single = ['memory.current', 'memory.peak', 'pids.current'].filter(file => existsSync(`${folder}/${file}`));
  const pressure = /^some .*total=(\d+)/.exec(tryRead(`${folder}/cpu.pressure`))?.[1];
  return {
    ...Object.fromEntries(single.map(file => [file, Number(read(folder, file))])),
    ...Object.fromEntries(
      Object.entries(keys).flatMap(([file, names]) =>
        names.map(name => [`${file} ${name}`, count(folder, file, name)]),
      ),
    ),
    ...(pressure && { 'cpu.pressure some total': Number(pressure) }),
  };
}

/** '' for a process that has gone, and for a file that this kernel does not have or refuses to open. */
function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function said(t: Context, what: RegExp): Promise<string> {
  await t.until(() => what.test(t.session.output()), 4000);
  return t.session.output();
}

// From here on, how mistakes are recognised: by the kernel's answer, and by the file that was asked.

/** A file of a cgroup that could not be opened or written, as Node and tell() say it. */
function refusedFile({ error }: Evidence): { code: string; message: string; file: string } | null {
  const message = error?.error?.message ?? '';
  const [, code] = /^(E[A-Z]+): .*, (?:open|write|rmdir|mkdir|unlink)\b/.exec(message) ?? [];
  const file = /\(([a-z.]+[a-z0-9_.]*) of /.exec(message)?.[1] ?? /sys\/fs\/cgroup\/.*?([^/']*)'/.exec(message)?.[1];
  return code ? { code, message, file: file ?? '' } : null;
}

diagnosis('version-one-names', evidence => {
  const found = refusedFile(evidence);
  const old = /limit_in_bytes|cfs_(quota|period)_us|^cpu\.shares|freezer\.|^tasks$|^blkio\.|^pids\.limit/;
  if (!found || !['ENOENT', 'EACCES'].includes(found.code) || !old.test(found.file)) return null;
  return {
    kernel: found.message,
    means: `${found.file} is version 1’s name. Version 2 has fewer files, and others.`,
    look: 'README, “Version 1” · cgroup-v2, “Interface Files”',
  };
});

diagnosis('controllers-not-enabled', evidence => {
  const found = refusedFile(evidence);
  const controller = /^(memory|cpu|pids|io|cpuset)\./.exec(found?.file ?? '')?.[1];
  if (!found || !controller || !['ENOENT', 'EACCES'].includes(found.code) || evidence.task === 'statistics')
    return null;
  return {
    kernel: found.message,
    means:
      `The cgroup is there, and has no ${found.file}: the one above it does not pass the ${controller} controller down. What is ` +
      'switched on at the top reaches one level.',
    look: 'README, “Passed down” · cgroup-v2, “Enabling and Disabling”',
  };
});

diagnosis('no-internal-processes', evidence => {
  const found = refusedFile(evidence);
  if (found?.code !== 'EBUSY' || !['cgroup.procs', 'cgroup.subtree_control'].includes(found.file)) return null;
  return {
    kernel: found.message,
    means:
      'A cgroup holds processes or passes controllers down, not both: else nobody could say how what it has is shared between ' +
      'its processes and the cgroups in it. The container’s own holds the container.',
    look: 'README, “Passed down” · cgroup-v2, “No Internal Process Constraint”',
  };
});

diagnosis('version-one-words', evidence => {
  const found = refusedFile(evidence);
  if (found?.code !== 'EINVAL' || !/: (FROZEN|THAWED)\)/.test(found.message)) return null;
  return {
    kernel: found.message,
    means: 'These are version 1’s words, for freezer.state. Version 2 wants a number.',
    look: 'README, “Version 1” · cgroup-v2, cgroup.freeze',
  };
});

diagnosis('file-not-everywhere', evidence => {
  const found = refusedFile(evidence);
  if (evidence.task !== 'statistics' || !found || !['ENOENT', 'EOPNOTSUPP', 'ENOTSUP'].includes(found.code))
    return null;
  return {
    kernel: found.message,
    means: `This kernel has no ${found.file}. That is no reason to go without all the others.`,
    look: 'statistics, its comment',
  };
});

diagnosis(
  'removed-too-early',
  ({ feedback }) =>
    /EBUSY: .*, rmdir/.test(feedback.kernel) && {
      means:
        'Somebody was still in it, and the kernel removes no cgroup in which anybody lives. Whoever starts a second command in the ' +
        'container, as exec does, makes it so.',
      look: 'README, “The end” · cgroup-v2, cgroup.kill, cgroup.events',
    },
  ['gone'],
);

/** The mount of the cgroups that was refused. */
const mountRefused = ({ error, trace }: Evidence, code: string): TraceLine | undefined =>
  error?.error?.syscall === 'mount' && error.error.code === code
    ? trace.findLast(call => call.name === 'mount' && call.code === code && call.text.includes('"cgroup2"'))
    : undefined;

diagnosis('mounted-upon-itself', evidence => {
  const failed = mountRefused(evidence, 'EBUSY');
  return (
    failed && {
      kernel: failed.text,
      means:
        'Lesson 09 has brought the host’s /sys along, and there, at this place, this very file system is mounted already. The ' +
        'kernel mounts none upon itself. Something else has to lie between.',
      look: 'README, “What it sees” · mount(2), ERRORS: EBUSY',
    }
  );
});

diagnosis('no-cgroup-namespace', evidence => {
  const failed = mountRefused(evidence, 'EPERM');
  if (!failed || evidence.find('unshare', /CLONE_NEWCGROUP/)) return null;
  return {
    kernel: failed.text,
    means:
      'What this mount shows is up to the cgroup namespace, and that is still the host’s, in which the container’s root is nobody.',
    look: 'README, “What it sees” · cgroup_namespaces(7)',
  };
});
