// What must be true of lesson 14's container. Who it is and what it may do stands in /proc; what it is refused, a program of ours
// asks from within, since nobody outside stands under its filter.
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Evidence, type TraceLine, task } from '#check';
import { CAP, errnoName, O, PR, type Process, readStatus, SYS } from '#linux';
import { askerAnswers, askerProgram, type Question } from '../../workshop/check/asker.ts';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

task('capabilities', async t => {
  const capabilities = someCapabilities();
  const box = await t.contain({ capabilities, seccomp: null });
  const did = `started a container with ${capabilities.length} capabilities, and read its status`;
  expectSets(t, box, did, { bounding: capabilities, permitted: capabilities, effective: capabilities });
});

task('no-more', async t => {
  const capabilities = someCapabilities();
  const box = await t.contain({ capabilities, seccomp: null, inside: spoiled([]) });
  const did = 'started a container in which somebody had made every capability inheritable and ambient';
  expectSets(t, box, did, { inheritable: [], ambient: [], effective: capabilities });
});

task('user', async t => {
  await requireUsers(t);
  const [uid, gid, ...additionalGids] = [id(), id(), id(), id()];
  const capabilities = someCapabilities();
  const box = await t.contain({
    capabilities,
    user: { uid, gid, additionalGids },
    seccomp: null,
    inside: spoiled([id(), id()]),
  });
  const did = `started a container as user ${uid} of group ${gid}, and of ${additionalGids.join(' and ')}`;
  const { fields } = box.status();
  const kernel = ['Uid', 'Gid', 'Groups'].map(each => `${each}: ${fields[each]}`).join('\n');
  const inside = (ids: number[]) => ids.map(each => each + shift(box));
  const { uids, gids, groups } = box.status();
  const look = 'README, “Another user”';
  t.same(uids, inside([uid, uid, uid, uid]), { did, kernel, means: 'The command is somebody else.', look });
  t.same(gids, inside([gid, gid, gid, gid]), { did, kernel, means: 'The command’s group is another.', look });
  t.same([...groups].sort(), inside(additionalGids).sort(), {
    did: `${did}; somebody inside had been of two other groups before`,
    kernel,
    means: 'Its further groups are not those that were asked for: what they may read, it may read.',
    look,
    diagnosis: 'groups-kept',
  });
  expectSets(t, box, did, { bounding: capabilities, permitted: [], effective: [], ambient: [] });
});

task('ambient', async t => {
  await requireUsers(t);
  const capabilities = someCapabilities();
  const ambient = capabilities.filter((_, i) => i % 3 === 0);
  const box = await t.contain({ capabilities, ambient, user: { uid: id(), gid: id() }, seccomp: null });
  const did = `started a container as an ordinary user with ${ambient.join(' and ')} in its ambient set`;
  const sets = { ambient, inheritable: ambient, permitted: ambient, effective: ambient, bounding: capabilities };
  expectSets(t, box, did, sets);
});

task('filter', async t => {
  const [errno, refused] = [40 + Math.floor(Math.random() * 80), 100 + Math.floor(Math.random() * 20)];
  const [special, ...others] = shuffle(harmless);
  const allowed = [...others.slice(0, 8), ...running];
  const policy = {
    ...{ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: errno },
    syscalls: [
      { names: ['no_such_call', ...allowed], action: 'SCMP_ACT_ALLOW' },
      { names: [special], action: 'SCMP_ACT_ERRNO', errnoRet: refused },
    ],
  };
  const calls = shuffle([...harmless, ...unlikely.filter(name => name in SYS)]);
  const wanted = calls.map(call => (call === special ? refused : allowed.includes(call) ? 0 : errno));
  const did = `started a container under a policy that allows ${others.slice(0, 8).join(', ')}, and asked there`;
  const questions = calls.map(call => ({ call }));
  await expectAnswers(t, { did, questions, wanted, spec: { seccomp: policy } });

  const box = await t.contain({ seccomp: null });
  t.is(box.status().seccomp, 0, {
    did: 'started a container with seccomp: null',
    kernel: `Seccomp: ${box.status().fields.Seccomp} in its status`,
    means: 'A filter is in place that nobody asked for.',
    look: 'Spec, seccomp',
  });
});

task('arguments', async t => {
  const random = (below: number) => BigInt(1 + Math.floor(Math.random() * below));
  const [value, page] = [(random(1000) << 32n) + random(1e9) + 5n, 1n << 32n];
  const near = [value - 1n, value, value + 1n];
  const far = [value - page, value + page, value & (page - 1n)];
  const holds: Record<string, (is: bigint) => boolean> = {
    EQ: is => is === value,
    NE: is => is !== value,
    LT: is => is < value,
    LE: is => is <= value,
    GT: is => is > value,
    GE: is => is >= value,
  };
  const when = (index: number, op: string, each: bigint | number, valueTwo?: number) => ({
    ...{ index, op: `SCMP_CMP_${op}`, value: Number(each), valueTwo },
  });
  const names = shuffle(harmless);
  const [masked, both, either, last] = names.slice(6) as [string, string, string, string];
  const mask = when(1, 'MASKED_EQ', 0xff_0000_00f0, 0x11_0000_0030);
  const rules: [string, object[]][] = [
    ...Object.keys(holds).map((op, i): [string, object[]] => [names[i] ?? '', [when(i, op, value)]]),
    [masked, [mask]],
    [both, [when(0, 'EQ', 7), when(3, 'EQ', 9)]],
    [either, [when(0, 'EQ', 7)]],
    [either, [when(0, 'EQ', 8)]],
    [last, []],
  ];
  const syscalls = rules.map(([each, args]) => ({ names: [each], args, action: 'SCMP_ACT_ERRNO', errnoRet: 77 }));

  // What is asked, whether it is to be refused, and the mistake of which a wrong answer tells.
  const asked: [call: string, args: (bigint | number)[], refused: boolean, tells: string][] = [];
  for (const [i, holdsFor] of Object.values(holds).entries()) {
    const call = names[i] ?? '';
    for (const each of near) asked.push([call, [...Array(i).fill(0), each], holdsFor(each), 'comparison-wrong']);
    for (const each of far) asked.push([call, [...Array(i).fill(0), each], holdsFor(each), 'low-half-only']);
  }
  for (const each of [0x11_0000_0030, 0xab11_0000_0f3f]) asked.push([masked, [0, each], true, 'mask-wrong']);
  for (const each of [0x12_0000_0030, 0x11_0000_0040]) asked.push([masked, [0, each], false, 'mask-wrong']);
  for (const [first, fourth] of [
    [7, 9],
    [7, 8],
    [8, 9],
  ] as const)
    asked.push([both, [first, 0, 0, fourth], first + fourth === 16, 'one-condition-of-two']);
  for (const each of [8, 7, 9]) asked.push([either, [each], each < 9, 'one-rule-of-two']);
  // A filter that goes on comparing takes the argument that it has loaded last for the call's number.
  asked.push([both, [7, 0, 0, SYS[last] ?? 0], false, 'number-lost'], [last, [], true, 'comparison-wrong']);

  await expectAnswers(t, {
    did: 'started a container under a policy that refuses some calls with some arguments, and asked there',
    questions: asked.map(([call, args]) => ({ call, args })),
    wanted: asked.map(([, , refused]) => (refused ? 77 : 0)),
    tells: asked.map(([, , , tells]) => tells),
    spec: { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls } },
    look: 'README, “Arguments are 64 bits”',
  });
});

task('by-capability', async t => {
  const [included, excluded, always] = shuffle(harmless);
  const [has, hasNot] = shuffle(someCapabilities());
  const rule = (name: unknown, action: string, more: object) => ({ names: [name], action, errnoRet: 77, ...more });
  const policy = {
    ...{ defaultAction: 'SCMP_ACT_ALLOW' },
    syscalls: [
      rule(included, 'SCMP_ACT_ERRNO', { includes: { caps: [has] } }),
      rule(excluded, 'SCMP_ACT_ERRNO', { excludes: { caps: [has] } }),
      rule(always, 'SCMP_ACT_ERRNO', { includes: { caps: [hasNot] } }),
    ],
  };
  const questions = [included, excluded, always].map(call => ({ call: `${call}` }));
  for (const [capabilities, wanted] of [
    [[has], [77, 0, 0]],
    [[hasNot], [0, 77, 77]],
  ] as const) {
    const did = `started a container with ${capabilities} under a policy with rules for some capabilities, and asked there`;
    await expectAnswers(t, {
      ...{ did, questions, wanted: [...wanted], spec: { seccomp: policy, capabilities } },
      look: 'assemble(), the capabilities',
    });
  }
});

task('other-doors', async t => {
  if (process.arch !== 'x64') t.skip('it is about x86-64, whose kernel has three tables of calls behind three doors');
  // Number 39 is getpid by `syscall`, and mkdir by `int 0x80`.
  const [getpid, mkdir]: [Question, Question] = [{ call: 39 }, { call: 39, door: 'i386' }];
  const open = await ask(t, [getpid, mkdir], { seccomp: null });
  const seccomp = {
    ...{ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1 },
    syscalls: [{ names: ['getpid', ...running], action: 'SCMP_ACT_ALLOW' }],
  };
  const did =
    'started a container that may not make folders, and asked for number 39: getpid by one door, mkdir by the other';
  const look = 'README, “Which door”';
  // A kernel without the 32-bit door ends who knocks.
  if (open.answers[1] === EFAULT) {
    const { answers } = await ask(t, [getpid, mkdir], { seccomp });
    t.is(answers[0], 0, { did, kernel: `getpid() = ${name(answers[0])}`, means: 'The allowed call is refused.', look });
    t.ok(answers[1] !== EFAULT, {
      did,
      kernel: `int 0x80 with eax = 39, ebx = 0: ${name(answers[1])}: it looked for the folder’s name at address 0`,
      means:
        'The filter took one number for the other: by `int 0x80`, 39 means mkdir. Every number has a second meaning there.',
      diagnosis: 'no-architecture-check',
      look,
    });
  }

  // The stand-in for ALLOW is an errno: on a kernel without x32, one let through could not be told from one refused.
  const lax = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 77,
    syscalls: [{ names: running, action: 'SCMP_ACT_ALLOW' }],
  };
  const { answers } = await ask(t, [{ call: 'getpid' }, { call: 0x4000_0000 + (SYS.mkdir ?? 0) }], { seccomp: lax });
  t.is(answers[0], 77, {
    did,
    kernel: `getpid() = ${name(answers[0])}`,
    means: 'The default action is another.',
    look,
  });
  t.ok(answers[1] !== 77, {
    did: 'started a container, and asked there for mkdir by its number in the x32 table, 0x40000053',
    kernel: 'the filter answered as it does by default',
    means:
      'The number is in no rule, so the default decided. Where that is to allow, and mkdir is forbidden, here it is allowed: ' +
      'x32 is the same calls once more, with one bit set.',
    look,
    diagnosis: 'x32-open',
  });
});

task('usual-policy', async t => {
  const forbidden: Question[] = [
    ...['keyctl', 'add_key', 'request_key', 'setns', 'name_to_handle_at', 'kcmp', 'mount', 'bpf'].map(call => ({
      call,
      args: [-1, -1, -1, -1, -1],
    })),
    { call: 'unshare', args: [0] },
    { call: 'personality', args: [0x40000] },
    { call: 'clone', args: [0x1001_0000, 0, 0, 0, 0] },
  ];
  const allowed = harmless.slice(0, 6).map(call => ({ call }));
  const did = 'started two containers, one with seccomp: null, and asked in both for what Docker’s policy forbids';
  const without = (await ask(t, forbidden, { seccomp: null })).answers;
  t.ok(without.filter(errno => errno !== EPERM).length > 6, {
    did,
    kernel: listed(forbidden, without),
    means: 'Without a filter these calls are refused as well: something else stands in their way.',
    look: 'Spec, seccomp: null',
  });
  const wanted = [...forbidden.map(() => EPERM), ...allowed.map(() => 0)];
  await expectAnswers(t, { did, questions: [...forbidden, ...allowed], wanted, look: 'Spec, seccomp; contain()' });
});

task('no-new-privileges', async t => {
  await requireUsers(t);
  const { path, layers } = await plant(t, [{ call: 'setresuid', args: [0, 0, 0] }], 0o4755);
  const spec = { layers, command: [path], user: { uid: id(), gid: id() }, seccomp: null };
  if (readStatus(t.host.pid).noNewPrivs)
    t.skip('whoever started the workshop may gain no privileges, nor may a container');
  const [free, held] = [
    await t.contain({ ...spec, command: ['/bin/sleep', '60'], noNewPrivileges: false }),
    await t.contain({ ...spec, command: ['/bin/sleep', '60'] }),
  ];
  const look = 'README, “Nothing is gained by executing”';
  t.ok(held.status().noNewPrivs, {
    did: 'started a container, and read its status',
    kernel: `NoNewPrivs: ${held.status().fields.NoNewPrivs}`,
    means: 'A program that belongs to root and is setuid makes root of whoever executes it.',
    look,
    diagnosis: 'no-new-privs-forgotten',
  });
  t.ok(!free.status().noNewPrivs, {
    did: 'started a container with noNewPrivileges: false, and read its status',
    kernel: `NoNewPrivs: ${free.status().fields.NoNewPrivs}`,
    means: 'That it may gain rights was asked for: su and sudo are such programs.',
    look: 'Spec, noNewPrivileges',
  });
  const gains = async (noNewPrivileges: boolean) => {
    const box = await t.contain({ ...spec, noNewPrivileges });
    requireCommand(t, box);
    return askerAnswers(await box.output())[0];
  };
  const [before, after] = [await gains(false), await gains(true)];
  if (before !== 0) t.skip('the layers’ owners could not be shifted here, so that no file in them is root’s');
  t.ok(after !== 0, {
    did: `started a container as user ${spec.user.uid}, whose command is a setuid program of root’s`,
    kernel: 'setresuid(0, 0, 0) = 0',
    means: 'It was nobody, and has become root by executing a file.',
    look,
  });
});

task('filter-with-setuid', async t => {
  const box = await t.contain({ noNewPrivileges: false });
  const { seccomp, fields } = box.status();
  t.is(seccomp, 2, {
    did: 'started a container with noNewPrivileges: false, and read its status',
    kernel: `Seccomp: ${fields.Seccomp}, NoNewPrivs: ${fields.NoNewPrivs}`,
    means: 'It has no filter.',
    look: 'README, “The order”',
  });
});

task('one-frame', async t => {
  const seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: talking, action: 'SCMP_ACT_KILL_PROCESS' }] };
  const box = await t.contain({ seccomp });
  t.is(box.status().seccomp, 2, {
    did: 'started a container under a policy that forbids the calls by which the box hears and answers',
    kernel: `Seccomp: ${box.status().fields.Seccomp} in its status`,
    means: 'It has no filter.',
    look: 'README, “The order”',
  });
});

task('limits', async t => {
  const [soft, hard] = [100 + Math.floor(Math.random() * 100), 300 + Math.floor(Math.random() * 100)];
  const rlimits = [
    { type: 'RLIMIT_NOFILE', soft, hard },
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
  ];
  const box = await t.contain({ rlimits });
  const did = `started a container that may have ${soft} open files, at most ${hard}, and read its limits`;
  const lines = readFileSync(`/proc/${box.pid}/limits`, 'utf8').split('\n');
  for (const [title, wanted] of [
    ['Max open files', `${soft} ${hard}`],
    ['Max core file size', '0 0'],
  ] as const) {
    const line = lines.find(each => each.startsWith(title)) ?? '';
    const is = line.slice(title.length).trim().split(/\s+/).slice(0, 2).join(' ');
    t.is(is, wanted, {
      did,
      kernel: line,
      means: 'The limits are not those that were asked for.',
      look: 'setrlimit(2), prlimit64',
    });
  }
  const open = [...box.descriptors().keys()].filter(fd => fd > 2);
  t.is(open.length, 0, {
    did: 'started a container, and listed its descriptors',
    kernel: open.map(fd => `${fd} -> ${box.descriptors().get(fd)}`).join('\n'),
    means: 'What somebody on the host had open, the command has open as well: lesson 01’s close_range is missing.',
    look: 'lesson 01, `execute`',
  });
});

task('folders', async t => {
  if (!(await hasLandlock(t))) t.skip('this kernel has no Landlock, or has it switched off');
  const [read, write, neither] = [`/srv/${t.nonce('read')}`, `/srv/${t.nonce('write')}`, `/srv/${t.nonce('neither')}`];
  // Made from inside, so that they are the container's root's, however the layers' owners come out.
  const inside = before(`
    for (const path of ['/srv', '${read}', '${write}', '${neither}']) {
      await box.mkdir(path, 0o755).catch(() => {});
      const fd = await box.open(path + '/file', ${O.WRONLY | O.CREAT}, 0o644);
      await box.write(fd, 'text');
      await box.close(fd);
    }`);
  const deeds: Record<string, string> = {
    reads: 'cat $F/file',
    lists: 'ls $F',
    changes: 'echo x >> $F/file',
    makes: 'mkdir $F/new',
    removes: 'rm $F/file',
  };
  const script = Object.keys(deeds).map(
    deed => `for F in ${read} ${write} ${neither}; do (${deeds[deed]}) >/dev/null 2>&1; echo -n $?,; done`,
  );
  const attempt = async (spec: object) => {
    const box = await t.contain({ command: ['/bin/sh', '-c', script.join('\n')], inside, ...spec });
    return (await box.output())
      .split(',')
      .slice(0, 15)
      .map(status => status === '0');
  };
  const did = `started a container that may read below ${read} and change below ${write}`;
  const free = await attempt({});
  t.ok(free.length === 15 && free.every(Boolean), {
    did: 'read and changed files in a container without restrictions',
    kernel: free.join(' '),
    means: 'That failed.',
  });

  const got = await attempt({ landlock: { readable: ['/bin', read], writable: ['/dev', write] } });
  const wanted = Object.keys(deeds).flatMap(deed => [['reads', 'lists'].includes(deed), true, false]);
  const wrong = wanted.flatMap((each, i) =>
    each === got[i]
      ? []
      : `${[read, write, neither][i % 3]}: it ${Object.keys(deeds)[Math.floor(i / 3)]} there, ${got[i] ? 'unhindered' : 'and is refused'}`,
  );
  t.is(wrong.length, 0, {
    did,
    kernel: wrong.join('\n'),
    means: 'That is not what was asked for.',
    look: 'README, “Folders, labels, limits”',
    ...(wrong.length > 0 && wrong.every(each => /(makes|removes) .*unhindered/.test(each))
      ? { diagnosis: 'accesses-unhandled' }
      : {}),
  });
});

task(
  'machine-root',
  async t => {
    // The kernel's log stands in for a disk, which a guest has none of: a device is a device.
    const read = async (spec: object) => {
      const [box, node] = [await t.start(), `/dev/${t.nonce('disk')}`];
      const script = `mknod ${node} c 1 11; dd if=${node} bs=8192 count=1 2>/dev/null | wc -c; date -s @1000000000`;
      const before = Date.now();
      await t.call('executeConfined', box, { command: ['/bin/sh', '-c', `(${script}) 2>&1`], ...spec });
      const output = await box.output();
      const clockSet = Math.abs(Date.now() - before) > 3_600_000;
      if (clockSet) await t.host.run(['date', '-s', `@${Math.round(before / 1000)}`]);
      return { output, clockSet };
    };
    const every = Object.keys(CAP).map(each => `CAP_${each}`);
    const free = await read({ capabilities: every, seccomp: null });
    t.ok(free.clockSet && Number.parseInt(free.output, 10) > 0, {
      did: 'as the machine’s root, with all capabilities and no filter, made a device, read it, and set the clock',
      kernel: free.output,
      means: 'That should have succeeded.',
      look: 'Spec, capabilities',
    });
    const held = await read({ capabilities: ['CAP_CHOWN', 'CAP_DAC_OVERRIDE'] });
    t.ok(!held.clockSet && Number.parseInt(held.output.replace(/^mknod.*\n/, ''), 10) === 0, {
      did: 'as the machine’s root without a user namespace, but with two capabilities, tried the same',
      kernel: held.output,
      means: 'The machine’s disk is read, or its clock is set.',
      look: 'README, “Devices”',
    });
  },
  { privileged: true },
);

task(
  'devices',
  async t => {
    const command = ['/bin/sh', '-c', 'for each in null zero; do (: < /dev/$each) 2>/dev/null && echo $each; done'];
    const run = async (spec: object) => {
      const box = await t.contain({ command, cgroup: `/${t.nonce()}`, ...spec });
      requireCommand(t, box);
      return (await box.output()).trim().split('\n').join(' ');
    };
    const all = await run({});
    t.is(all, 'null zero', {
      did: 'opened /dev/null and /dev/zero in a container',
      kernel: `opened: ${all}`,
      means: 'One of them is missing.',
    });
    const some = await run({ devices: [{ type: 'c', major: 1, minor: 3, access: 'rw' }] });
    t.is(some, 'null', {
      did: 'opened them in a container that may have /dev/null and no other device',
      kernel: `opened: ${some}`,
      means: 'The cgroup’s devices are not those that were asked for.',
      look: 'contain()',
    });
  },
  { privileged: true },
);

task('label', async t => {
  const [apparmor, selinux] = [t.nonce('profile'), `system_u:system_r:${t.nonce('container')}_t:s0`];
  const attr = `/run/boxwright/${t.nonce('attr')}`;
  await onHost(t, async visitor => {
    for (const path of ['', '/apparmor']) await visitor.mkdir(attr + path, 0o755);
    for (const path of ['/exec', '/apparmor/exec']) await writeFile(visitor, attr + path, '');
  });
  const box = await t.start();
  await t.call('label', box, { apparmor, selinux }, attr);
  const [first, second] = [t.host.read(`${attr}/apparmor/exec`), t.host.read(`${attr}/exec`)];
  const finding = {
    did: `called label() for the profile ${apparmor} and the label ${selinux}, with a folder in place of /proc/self/attr`,
    kernel: `apparmor/exec: ${JSON.stringify(first)}\nexec: ${JSON.stringify(second)}`,
    look: 'README, “Folders, labels, limits”',
  };
  t.is(first.trimEnd(), `exec ${apparmor}`, {
    ...finding,
    means: 'AppArmor wants to be told what to do: at the next exec, this.',
    diagnosis: 'label-without-command',
  });
  t.is(second.replace(/[\n\0]$/, ''), selinux, { ...finding, means: 'SELinux would not know what to do.' });
});

task('labelled', async t => {
  const profile = enforcedProfile();
  if (profile instanceof Error) t.skip(profile.message);
  const box = await t.contain({ apparmor: profile });
  const current = readFileSync(`/proc/${box.pid}/attr/apparmor/current`, 'utf8').trim();
  t.ok(current.startsWith(`${profile} (`), {
    did: `started a container under AppArmor’s profile ${profile}, which is loaded here`,
    kernel: `/proc/${box.reference.pid}/attr/apparmor/current: ${current}`,
    means: 'It runs under another profile, or none.',
    look: 'apparmor(7)',
  });
});

task('masks-kept', async t => {
  const path = '/proc/timer_list';
  const command = ['/bin/sh', '-c', `umount ${path}; exec sleep 60`];
  const everything = Object.keys(CAP).map(each => `CAP_${each}`);
  const [strong, weak] = [
    await t.contain({ command, capabilities: everything, seccomp: null }),
    await t.contain({ command }),
  ];
  const covered = (box: Box) => box.mounts().some(mount => mount.mountPoint === path);
  for (const box of [strong, weak]) {
    requireCommand(t, box);
    await t.until(() => box.args()[0] === 'sleep');
  }
  t.ok(!covered(strong), {
    did: `ran \`umount ${path}\` in a container with all capabilities and no filter`,
    kernel: 'the mount is still there',
    means: 'It has less than it was given.',
    look: 'Spec, capabilities',
  });
  t.ok(covered(weak), {
    did: `ran \`umount ${path}\` in a container`,
    kernel: 'the mount that covered it is gone',
    means: 'Root inside takes away what lesson 05 laid over the kernel’s files.',
    look: 'README, “Root in forty pieces”',
  });
});

task('found', async t => {
  // So many seconds as nobody else sleeps. A process may end while it is looked for.
  const seconds = `${1000 + id()}`;
  const box = await t.contain({ command: ['sleep', seconds], init: true });
  const read = (pid: number, file: string) =>
    existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/${file}`, 'utf8');
  const children = t.host.processes().filter(pid => read(pid, 'cmdline') === `sleep\0${seconds}\0`);
  const held = children.filter(pid => /^Seccomp:\t2$/m.test(read(pid, 'status') || ''));
  t.ok(held.length > 0, {
    did: 'started `sleep`, by its name, in a container with an init',
    kernel: `processes of that name: ${children.length}; with a filter: ${held.length}; the box is process ${box.reference.pid}`,
    means: 'The command is to be found in its PATH, and to be confined, with an init as without.',
    look: 'contain(); lesson 01, `candidates`',
  });
  const error = await t.refused(t.contain({ command: [t.nonce('missing')] }));
  t.is(`${error?.error?.syscall} ${error?.error?.code}`, 'execve ENOENT', {
    did: 'started a container with a command that does not exist',
    kernel: error ? error.message : 'contain() came back without an error',
    means: 'execve’s own refusal is what a shell makes status 127 of.',
    look: 'lesson 01, `failureStatus`',
  });
});

const [EPERM, EFAULT] = [1, 14];

/** Calls that take no notice of their arguments, and always succeed. */
const harmless = [
  ...['getpid', 'getppid', 'gettid', 'getuid', 'geteuid', 'getgid', 'getegid'],
  ...['sched_yield', 'munlockall', 'umask', 'set_tid_address', 'brk'],
];
/** Others, for a policy that allows none of them. */
const unlikely = ['mkdirat', 'openat', 'socket', 'uname', 'dup', 'getcwd'];
/** By these the box hears and answers. */
const talking = ['recvfrom', 'sendto'];
/** How the program that asks comes to be, and what it cannot do without. */
const running = [...talking, 'execve', 'write', 'exit_group'];

const shuffle = <T>(all: readonly T[]): T[] =>
  all
    .map(each => ({ each, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ each }) => each);
const id = () => 1000 + Math.floor(Math.random() * 50_000);
const name = (errno: number | undefined) =>
  errno === undefined ? 'no answer: it was ended' : errno === 0 ? 'success' : errnoName(errno);

/** Some of them, from both halves: the sets have 41 bits, and the kernel takes them as words of 32. */
function someCapabilities(): string[] {
  // Without those that becoming less takes: who gives them up too early shall notice.
  const all = Object.entries(CAP)
    .filter(([each]) => !['SETUID', 'SETGID', 'SETPCAP'].includes(each))
    .sort((a, b) => a[1] - b[1])
    .map(([each]) => `CAP_${each}`);
  return shuffle([...shuffle(all.slice(0, 29)).slice(0, 6), ...shuffle(all.slice(29)).slice(0, 3)]);
}

const bits = (names: string[]) =>
  names.reduce((set, each) => set | (1n << BigInt(CAP[each.slice(4) as keyof typeof CAP])), 0n);
const namesIn = (set: bigint) =>
  Object.entries(CAP)
    .filter(([, bit]) => (set >> BigInt(bit)) & 1n)
    .map(([each]) => `CAP_${each}`);

type Sets = ReturnType<Box['status']>['capabilities'];

function expectSets(t: Context, box: Box, did: string, wanted: Partial<Record<keyof Sets, string[]>>): void {
  const { capabilities, fields } = box.status();
  const lines = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(each => `${each}: ${fields[each]}`).join('\n');
  for (const [set, names] of Object.entries(wanted) as [keyof Sets, string[]][]) {
    const [is, should] = [capabilities[set], bits(names)];
    const more = namesIn(is & ~should);
    const less = namesIn(should & ~is);
    const say = (what: string, list: string[]) =>
      list.length > 0
        ? `\n${what} in the ${set} set: ${list.slice(0, 5).join(', ')}${list.length > 5 ? ', …' : ''}`
        : '';
    t.ok(is === should, {
      did,
      kernel: `${lines}${say('too many', more)}${say('missing', less)}`,
      means: `The ${set} set is ${more.length > 0 ? 'larger than' : 'not all of'} what was asked for.`,
      look: 'README, “Five sets”',
      ...(more.length > 0 ? { diagnosis: `${set}-too-large` } : {}),
    });
  }
}

/** For `inside`: code that the box is put through before it becomes less. */
const before = (code: string) => ({
  $function: 'before',
  from: `data:text/javascript,${encodeURIComponent(`export async function before(box) { ${code} }`)}`,
});

/** A process that has been of these groups, and has made every capability inheritable and ambient. */
function spoiled(groups: number[]) {
  const all = Object.keys(CAP).length;
  return before(`
    const bytes = (...all) => new Uint8Array(Uint32Array.from(all).buffer);
    if (${groups.length}) await box.syscall('setgroups', ${groups.length}, bytes(${groups.join()}));
    const [low, high] = [0xffffffff, ${2 ** (all - 32) - 1}];
    await box.syscall('capset', bytes(0x20080522, 0), bytes(low, low, low, high, high, high));
    for (let each = 0; each < ${all}; each++) await box.prctl(${PR.CAP_AMBIENT}, ${PR.CAP_AMBIENT_RAISE}, each, 0, 0);`);
}

/** Who is not root gives a container one user only: themselves, as its root. */
async function requireUsers(t: Context): Promise<void> {
  if (!(await t.facts()).root)
    t.skip('without root on the host there is one user in a container, and nobody else to become');
}

/** By how much the container’s ids differ from this machine's. */
function shift(box: Box): number {
  const [inside = 0, outside = 0] = readFileSync(`/proc/${box.pid}/uid_map`, 'utf8').trim().split(/\s+/).map(Number);
  return outside - inside;
}

/** A layer with the program that asks. */
async function plant(t: Context, questions: Question[], mode = 0o755) {
  const [folder, path] = [`/run/boxwright/${t.nonce('layer')}`, `/${t.nonce('asker')}`];
  await onHost(t, async visitor => {
    await visitor.mkdir(folder, 0o755);
    await writeFile(visitor, folder + path, askerProgram(questions));
    await visitor.chmod(folder + path, mode);
  });
  return { path, layers: [t.image, folder] };
}

/** That the process has become a command, or has been one: else a check would wait for its end in vain. */
function requireCommand(t: Context, box: Box): void {
  let program = '';
  try {
    program = readlinkSync(`/proc/${box.pid}/exe`);
  } catch {
    // It has ended.
  }
  t.ok(!program.endsWith('/boxwright-helper'), {
    did: t.did,
    kernel: `/proc/${box.reference.pid}/exe -> ${program}`,
    means: 'The process never became the command.',
    look: 'execve(2): the last call of every container',
    diagnosis: 'not-executed',
  });
}

/** What the kernel answers in a container: fewer answers than questions when the filter ended the program. */
async function ask(t: Context, questions: Question[], spec: object): Promise<{ answers: number[]; box: Box }> {
  const { path, layers } = await plant(t, questions);
  const box = await t.contain({ layers, command: [path], ...spec });
  requireCommand(t, box);
  return { answers: askerAnswers(await box.output()), box };
}

const spell = ({ call, args = [] }: Question) =>
  `${call}(${args.map(each => (each < 1000 ? each : `0x${each.toString(16)}`)).join(', ')})`;
const listed = (questions: Question[], answers: number[]) =>
  questions.map((each, i) => `${spell(each)}: ${name(answers[i])}`).join('\n');

interface Expected {
  did: string;
  questions: Question[];
  /** An errno for each, 0 for success. */
  wanted: number[];
  /** The diagnosis for each, when its answer is wrong and no other's tells more. */
  tells?: string[];
  spec?: object;
  look?: string;
}

async function expectAnswers(t: Context, { did, questions, wanted, tells = [], spec = {}, look }: Expected) {
  const { answers } = await ask(t, questions, spec);
  const wrong = [...questions.keys()].filter(i => answers[i] !== wanted[i]);
  const lines = wrong.map(
    i => `${spell(questions[i] as Question)}: ${name(answers[i])}, and should be ${name(wanted[i])}`,
  );
  const told = new Set(wrong.map(i => tells[i]));
  const silent = tells.length === 0 && wrong.every(i => answers[i] === 0 && wanted[i] !== 0);
  const diagnosed = silent ? 'passes-by' : Object.keys(meanings).find(each => told.has(each));
  t.is(wrong.length, 0, {
    did,
    kernel: [
      ...lines.slice(0, 5),
      ...(lines.length > 5 ? [`… and ${lines.length - 5} more of ${questions.length}`] : []),
    ].join('\n'),
    means: (diagnosed && meanings[diagnosed]) || 'The filter does not decide as the policy says.',
    look: look ?? 'README, “A program that judges calls”',
    ...(diagnosed && { diagnosis: diagnosed }),
  });
}

/** What wrong answers mean; the first that one of them tells of. */
const meanings: Record<string, string> = {
  'comparison-wrong':
    'A neighbour of the number that the rule names is taken for it, or it for a neighbour: less, or less or equal?',
  'low-half-only': 'The filter sees an argument as two words of 32 bits, and compares one of them.',
  'one-rule-of-two': 'Two rules are about this call, and one of them is never asked.',
  'one-condition-of-two': 'A rule’s conditions must all be true; here one is enough.',
  'mask-wrong': 'For MASKED_EQ, `value` says which bits count, and `valueTwo` what they must be.',
  'number-lost':
    'The accumulator is all that a filter remembers. An argument was loaded into it, and then it was compared with the numbers ' +
    'of the calls that follow.',
  'passes-by':
    'Every call that should be refused came back with 0, as if it had succeeded; it was not made. An errno is missing.',
};

async function onHost<T>(t: Context, look: (visitor: Process) => Promise<T>): Promise<T> {
  const visitor = await t.session.sandbox.join();
  try {
    return await look(visitor);
  } finally {
    await visitor.end();
  }
}

async function writeFile(visitor: Process, path: string, data: string | Uint8Array): Promise<void> {
  const fd = await visitor.open(path, O.WRONLY | O.CREAT, 0o644);
  if (data.length > 0) await visitor.write(fd, data);
  await visitor.close(fd);
}

const hasLandlock = (t: Context) =>
  onHost(t, visitor =>
    visitor.syscall('landlock_create_ruleset', null, 0, 1).then(
      () => true,
      () => false,
    ),
  );

/** A profile for containers that AppArmor enforces on this machine; or why there is none. */
function enforcedProfile(): string | Error {
  try {
    const enabled = readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').trim();
    if (enabled !== 'Y') return new Error('AppArmor is built into this kernel, and switched off');
  } catch {
    return new Error('this kernel has no AppArmor');
  }
  try {
    const loaded = readFileSync('/sys/kernel/security/apparmor/profiles', 'utf8');
    const found = /^((?:docker-default|containers-default-\S+|lxc-container-default\S*|boxwright)) \(enforce\)$/m.exec(
      loaded,
    )?.[1];
    return found ?? new Error('AppArmor is at work here, and has no profile for containers loaded');
  } catch {
    return new Error('AppArmor’s list of profiles cannot be read here');
  }
}

/** The call that the learner's code failed at, and those of the same box before it. */
function failing({ error, trace }: Evidence, call: string, code: string, text = /(?:)/) {
  if (error?.error?.syscall !== call || error.error.code !== code) return null;
  const at = trace.findLastIndex(each => each.name === call && each.code === code && text.test(each.text));
  const failed = trace[at];
  return failed ? { failed, before: trace.slice(0, at).filter(each => each.pid === failed.pid) } : null;
}

const done = (calls: TraceLine[], call: string, text = /(?:)/) =>
  calls.findLast(each => each.name === call && each.result !== null && each.result >= 0 && text.test(each.text));
const both = (...calls: (TraceLine | undefined)[]) => calls.flatMap(call => call?.text ?? []).join('\n');
const change = /^setre?s?[ug]id$|^setgroups$/;

diagnosis('user-before-bounding', evidence => {
  const found = failing(evidence, 'prctl', 'EPERM', /CAPBSET_DROP/);
  const left =
    found && (done(found.before, 'setresuid') ?? done(found.before, 'setuid') ?? done(found.before, 'capset'));
  return (
    left && {
      kernel: both(left, found.failed),
      means:
        'The order is wrong: to drop from the bounding set takes CAP_SETPCAP, in force. By becoming another user, or less than ' +
        'root, the process has lost it.',
      look: 'README, “The order” · prctl(2), PR_CAPBSET_DROP',
    }
  );
});

diagnosis('keepcaps-forgotten', evidence => {
  const found = failing(evidence, 'capset', 'EPERM');
  const left = found && (done(found.before, 'setresuid') ?? done(found.before, 'setuid'));
  if (!left || done(found.before, 'prctl', /KEEPCAPS/)) return null;
  return {
    kernel: both(left, found.failed),
    means:
      'When all three user ids stop being 0, the kernel clears the permitted set; and what is not permitted, capset cannot bring ' +
      'back. It keeps the set for a process that has said so before.',
    look: 'README, “Another user” · prctl(2), PR_SET_KEEPCAPS',
  };
});

diagnosis('group-after-user', evidence => {
  const name = evidence.error?.error?.syscall ?? '';
  const found = /gid$|^setgroups$/.test(name) ? failing(evidence, name, 'EPERM') : null;
  const left = found && (done(found.before, 'setresuid') ?? done(found.before, 'setuid'));
  return (
    left && {
      kernel: both(left, found.failed),
      means:
        'Whoever has stopped being root may not choose groups any more: keeping capabilities permitted does not keep them in force.',
      look: 'README, “Another user”',
    }
  );
});

diagnosis('capset-before-user', evidence => {
  const name = evidence.error?.error?.syscall ?? '';
  const found = change.test(name) ? failing(evidence, name, 'EPERM') : null;
  const capset = found && done(found.before, 'capset');
  return (
    capset && {
      kernel: both(capset, found.failed),
      means:
        'The order is wrong: to become another user or group takes CAP_SETUID and CAP_SETGID, which capset has just given up.',
      look: 'README, “The order”',
    }
  );
});

diagnosis('ambient-not-inheritable', evidence => {
  const found = failing(evidence, 'prctl', 'EPERM', /AMBIENT_RAISE/);
  return (
    found && {
      kernel: both(done(found.before, 'capset'), found.failed),
      means:
        'Ambient can only be what is permitted and inheritable both. Is it in the third set of capset’s, and has capset been called?',
      look: 'README, “Five sets” · capabilities(7), Ambient',
    }
  );
});

diagnosis('ambient-lost', ({ trace, task, feedback }) => {
  const raise = trace.findIndex(each => each.text.includes('AMBIENT_RAISE') && each.result === 0);
  const after = trace.slice(raise).find(each => each.name === 'setresuid' && each.result === 0);
  return (
    task === 'ambient' &&
    raise >= 0 &&
    after && {
      kernel: `${both(trace[raise], after)}\n${feedback.kernel}`,
      means: 'The order is wrong: when a process stops being root, its ambient set is emptied, whatever else it keeps.',
      look: 'README, “Another user”',
    }
  );
});

diagnosis('halves-misplaced', evidence => {
  const found = failing(evidence, 'capset', 'EPERM');
  const missing = !evidence.error && /missing in/.test(evidence.feedback.kernel) && done(evidence.trace, 'capset');
  const capset = found?.failed ?? missing;
  if (!capset || (found && done(found.before, 'setresuid'))) return null;
  return {
    kernel: found ? capset.text : `${capset.text}\n${evidence.feedback.kernel}`,
    means:
      'The sets have more than 32 bits. capset reads six words: the low halves of effective, permitted and inheritable, and then ' +
      'their high halves. What it took for the permitted set is not part of what the process has.',
    look: 'capset(2), version 3',
  };
});

diagnosis(
  'bounding-forgotten',
  ({ error, trace, feedback }) =>
    !error &&
    !trace.some(each => each.text.includes('CAPBSET_DROP')) && {
      kernel: `${trace.findLast(each => each.name === 'capset')?.text ?? 'no call of prctl(PR_CAPBSET_DROP)'}\n${feedback.kernel}`,
      means:
        'At execve, root gets every capability that is in its bounding set, whatever it had permitted a moment before. Nothing was ' +
        'taken out of that set.',
      look: 'README, “Five sets”',
    },
  ['capabilities', 'user', 'ambient', 'no-more'],
);

diagnosis(
  'filter-after-capabilities',
  evidence => {
    const found = failing(evidence, 'seccomp', 'EACCES');
    return (
      found && {
        kernel: both(done(found.before, 'capset'), found.failed),
        means: 'Without no_new_privs a filter takes CAP_SYS_ADMIN, which the process has just given up.',
        look: 'README, “The order”',
      }
    );
  },
  ['filter-with-setuid'],
);

diagnosis('filter-before-no-new-privs', evidence => {
  const found = failing(evidence, 'seccomp', 'EACCES');
  if (!found || done(found.before, 'prctl', /NO_NEW_PRIVS/)) return null;
  return {
    kernel: both(done(found.before, 'capset'), found.failed),
    means:
      'A filter could mislead a setuid program. So the kernel takes one from a process that has CAP_SYS_ADMIN, or has given up ' +
      'ever gaining anything; this one is no longer the first, and not yet the second.',
    look: 'README, “The order” · seccomp(2), EACCES',
  };
});

diagnosis('filter-refused', evidence => {
  const found = failing(evidence, 'seccomp', 'EINVAL');
  return (
    found && {
      means:
        'The kernel has looked the program over and refused it: a jump that leads beyond its end, an end without an answer, or ' +
        'more than 4096 instructions.',
      look: 'README, “A program that judges calls”',
    }
  );
});

diagnosis('jump-too-far', ({ error }) =>
  error?.error?.code !== undefined || error?.error?.name !== 'RangeError'
    ? null
    : {
        kernel: error.error.message,
        means:
          'A jump has one byte for either distance: 255 instructions are as far as it gets, and some policies name 300 calls.',
        look: 'README, “A program that judges calls”',
      },
);

diagnosis('filter-too-early', evidence => {
  const { error, trace } = evidence;
  if (!error?.error?.syscall || ['seccomp', 'execve'].includes(error.error.syscall)) return null;
  const at = trace.findLastIndex(each => each.name === error.error?.syscall && (each.result ?? 0) < 0);
  const filter = trace.slice(0, at).findLast(each => each.pid === trace[at]?.pid && done([each], 'seccomp'));
  return (
    filter && {
      kernel: both(filter, trace[at]),
      means:
        'The filter judges the process’s own calls as well, from the moment it is there; and the policy has no use for this one.',
      look: 'README, “The order”',
    }
  );
});

diagnosis(
  'not-in-one-frame',
  ({ error, trace, feedback }) => {
    const filter = trace.findLast(each => done([each], 'seccomp'));
    const lost = error?.error?.name === 'WireError' || trace.at(-1) === filter || trace.at(-1)?.result === null;
    return (
      lost && {
        kernel: `${trace
          .slice(-2)
          .map(each => each.text)
          .join('\n')}\n${feedback.kernel}`,
        means:
          'The box makes its calls one by one, and between two of them it reads what it is to do, and writes what came of it. The ' +
          'filter forbids both. What is in one frame is made without a word in between.',
        look: 'README, “The order” · together()',
      }
    );
  },
  ['one-frame'],
);

diagnosis('limits-swapped', evidence => {
  const found = failing(evidence, 'prlimit64', 'EINVAL');
  return (
    found && {
      means: 'A soft limit above the hard one is refused. struct rlimit has the soft one first.',
      look: 'setrlimit(2), ERRORS: EINVAL',
    }
  );
});

diagnosis('folders-closed-too-early', evidence => {
  const found = failing(evidence, 'openat', 'EACCES');
  const restricted = found && done(found.before, 'landlock_restrict_self');
  return (
    restricted && {
      kernel: both(restricted, found.failed),
      means:
        'The order is wrong: the process is subject to the ruleset as it was when it restricted itself, and that had no rule for this.',
      look: 'README, “Folders, labels, limits”',
    }
  );
});

diagnosis('landlock-refused', evidence => {
  const found = failing(evidence, 'landlock_restrict_self', 'EPERM');
  return (
    found && {
      kernel: both(done(found.before, 'capset'), found.failed),
      means: 'Like a filter, a ruleset takes CAP_SYS_ADMIN or no_new_privs; and the process has neither at this point.',
      look: 'README, “The order” · landlock_restrict_self(2), EPERM',
    }
  );
});
