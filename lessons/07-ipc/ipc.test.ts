// What must be true of lesson 07's container. Queues, semaphores and memory are made and looked for by two processes of ours,
// with the real calls: one on the host, one that has entered the container.
import { randomInt } from 'node:crypto';
import { type Box, type Context, defaults, diagnosis, type TraceLine, task } from '#check';
import { CLONE, into, type Mount, O, type Process, SyscallError } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
  // Lesson 05's matter, and many calls.
  maskedPaths: [],
  readonlyPaths: [],
});

task('own-namespace', async t => {
  const [box, other] = [await t.contain(), await t.contain()];
  t.ok(box.namespaces().ipc !== t.host.namespaces().ipc, {
    did: 'started a container, and looked which IPC namespace its command is in',
    kernel: t.compareNamespace(box, 'ipc'),
    means:
      'The command is in the host’s IPC namespace: every segment, semaphore and queue of the host is its own as well.',
    look: 'ipc_namespaces(7)',
  });
  t.ok(box.namespaces().ipc !== other.namespaces().ipc, {
    did: 'started two containers, and compared their IPC namespaces',
    kernel: `ipc:[${box.namespaces().ipc}] for both`,
    means: 'One namespace for all containers: they see each other’s memory.',
    look: 'unshare(2), CLONE_NEWIPC',
  });
});

/** <linux/ipc.h> */
const IPC = { CREAT: 0o1000, EXCL: 0o2000, RMID: 0 };

/** Something that processes find by a number or a name which is no path. `flags`: 0, or to make it. */
interface Kind {
  what: string;
  get(visitor: Process, key: number, flags: number): Promise<number>;
  remove(visitor: Process, key: number, id: number): Promise<unknown>;
}

const make = IPC.CREAT | IPC.EXCL | 0o600;
const systemV: Record<string, Kind> = {
  shmget: {
    what: 'a segment of shared memory',
    get: (visitor, key, flags) => visitor.syscall('shmget', key, 4096, flags),
    remove: (visitor, _, id) => visitor.syscall('shmctl', id, IPC.RMID, null),
  },
  semget: {
    what: 'a set of semaphores',
    get: (visitor, key, flags) => visitor.syscall('semget', key, 1, flags),
    remove: (visitor, _, id) => visitor.syscall('semctl', id, 0, IPC.RMID),
  },
  msgget: {
    what: 'a message queue',
    get: (visitor, key, flags) => visitor.syscall('msgget', key, flags),
    remove: (visitor, _, id) => visitor.syscall('msgctl', id, IPC.RMID, null),
  },
};
const queueName = (key: number) => `queue-${key.toString(16)}`;
const posix: Record<string, Kind> = {
  mq_open: {
    what: 'a POSIX message queue',
    get: (visitor, key, flags) =>
      visitor.syscall('mq_open', queueName(key), flags ? O.RDWR | O.CREAT | O.EXCL : O.RDWR, 0o600, null),
    remove: (visitor, key) => visitor.syscall('mq_unlink', queueName(key)),
  },
};

task('system-v', t => invisible(t, systemV));
task('posix-queues', t => invisible(t, posix));

/** What is made on the host cannot be found in the container, nor the other way round. */
async function invisible(t: Context, kinds: Record<string, Kind>): Promise<void> {
  const box = await t.contain();
  await inBoth(t, box, async (host, inside) => {
    for (const [call, { what, get, remove }] of Object.entries(kinds)) {
      for (const [maker, finder] of [
        [host, inside],
        [inside, host],
      ] as const) {
        const key = randomInt(1, 0x7fff_ffff);
        const id = await get(maker, key, make);
        const [there, elsewhere] = [await answer(get(maker, key, 0)), await answer(get(finder, key, 0))];
        await remove(maker, key, id);
        const [here, away] = maker === host ? ['on the host', 'in the container'] : ['in the container', 'on the host'];
        const asked = `${call}(${call === 'mq_open' ? queueName(key) : `0x${key.toString(16)}`}, …)`;
        t.is(elsewhere, 'ENOENT', {
          did: `made ${what} ${here}, and looked for it ${away}`,
          kernel: `${asked} ${here}: ${there}\n${asked} ${away}: ${elsewhere}\n${t.compareNamespace(box, 'ipc')}`,
          means:
            maker === host
              ? 'The container finds what the host has made: it can read it, change it and remove it.'
              : 'The host’s programs find what the container has made, and may take it for something of their own.',
          look: 'README, “Numbers in place of names”',
        });
      }
    }
  });
}

task('mqueue', async t => {
  const box = await t.contain();
  const mount = mountAt(box, '/dev/mqueue');
  t.is(mount?.type, 'mqueue', {
    did: 'started a container, and looked what is mounted on its /dev/mqueue',
    kernel: mount
      ? line(mount)
      : `nothing${box.exists('/dev/mqueue') ? ', it is a folder of /dev' : ': it is not there'}`,
    means:
      'The container’s queues can be opened, but nobody can list them, see what is in them, or remove them with rm.',
    look: 'README, “Two folders in /dev” · mq_overview(7), “Mounting the message queue filesystem”',
  });
  await inBoth(t, box, async (host, inside) => {
    const [mine, hosts] = [randomInt(1, 0x7fff_ffff), randomInt(1, 0x7fff_ffff)];
    const { get, remove } = posix.mq_open as Kind;
    await get(inside, mine, make);
    await get(host, hosts, make);
    const names = box.list('/dev/mqueue');
    await remove(inside, mine, 0);
    await remove(host, hosts, 0);
    const finding = {
      did: `made the queue ${queueName(mine)} in the container and ${queueName(hosts)} on the host, and listed its /dev/mqueue`,
      kernel: `${names.join(', ') || 'it is empty'}\n${mount && line(mount)}`,
      look: 'README, “Two folders in /dev”',
    };
    t.ok(!names.includes(queueName(hosts)), {
      ...finding,
      means: 'The folder shows the host’s queues: there they can be read and removed, by their files.',
    });
    t.ok(names.includes(queueName(mine)), { ...finding, means: 'The container’s own queue is not there.' });
  });
});

task('shared-memory', async t => {
  const box = await t.contain();
  const mount = mountAt(box, '/dev/shm');
  t.is(mount?.type, 'tmpfs', {
    did: 'started a container, and looked what is mounted on its /dev/shm',
    kernel: mount ? line(mount) : 'nothing',
    means: 'shm_open(3) and sem_open(3) make their files there, and expect a file system in memory.',
    look: 'lesson 03, `mountDev` · shm_overview(7)',
  });
  await inBoth(t, box, async (host, inside) => {
    // As sem_open(3) and shm_open(3) name them.
    const files = ['sem.', ''].map(prefix => `/dev/shm/${prefix}${t.nonce('shared')}`);
    for (const [maker, file, seen, where] of [
      [host, files[0] ?? '', box.exists, ['on the host', 'in the container']],
      [inside, files[1] ?? '', t.host.exists, ['in the container', 'on the host']],
    ] as const) {
      await maker.close(await maker.open(file, O.RDWR | O.CREAT | O.EXCL, 0o600));
      const found = seen(file);
      await maker.unlink(file);
      t.ok(!found, {
        did: `made ${file} ${where[0]}, and looked for it ${where[1]}`,
        kernel: `${file} is there\n${mount && line(mount)}`,
        means:
          'POSIX memory and semaphores are files, and this folder is the host’s. The IPC namespace does not keep files apart: mounts do.',
        look: 'README, “Two folders in /dev”',
      });
    }
  });
});

task('shm-size', async t => {
  const unit = 64 * 1024;
  const shmSize = randomInt(2, 64) * unit;
  for (const [size, spec] of [
    [shmSize, { shmSize }],
    [1024 * unit, {}],
  ] as const) {
    const box = await t.contain(spec);
    const did = `started a container ${size === shmSize ? `with shmSize: ${size}` : 'without shmSize'}`;
    await inBoth(t, box, async (_, inside) => {
      const holds = await sizeOf(inside, '/dev/shm');
      const mount = mountAt(box, '/dev/shm');
      t.is(holds, size, {
        did,
        kernel: `statfs("/dev/shm") inside: ${holds} bytes\n${mount && line(mount)}`,
        means:
          size === shmSize
            ? 'Its /dev/shm has not the size that was asked for.'
            : 'Where nobody asks for another size, it is 64 MiB: 67108864 bytes.',
        look: 'README, “How much” · tmpfs(5), size',
      });
      if (size !== shmSize) return;
      const fd = await inside.open(`/dev/shm/${t.nonce('fill')}`, O.RDWR | O.CREAT | O.EXCL, 0o600);
      const [fits, more] = [
        await answer(inside.syscall('fallocate', fd, 0, 0, size)),
        await answer(inside.syscall('fallocate', fd, 0, size, unit)),
      ];
      t.same([fits, more], ['OK', 'ENOSPC'], {
        did: `${did}, and filled it`,
        kernel: `the first ${size} bytes: ${fits}\n${unit} more: ${more}`,
        means: 'It says one size and has another: what is asked for must fit, and no more.',
        look: 'README, “How much”',
      });
    });
  }
});

task('flags', async t => {
  const box = await t.contain({ shmSize: 1 << 20 });
  for (const path of ['/dev/mqueue', '/dev/shm']) {
    const mount = mountAt(box, path);
    const did = `started a container, and looked how its ${path} is mounted`;
    const missing = ['nosuid', 'nodev', 'noexec'].filter(flag => !mount?.options.includes(flag));
    t.is(missing.length, 0, {
      did,
      kernel: mount ? `${line(mount)}\nwithout ${missing.join(', ')}` : 'nothing is mounted there',
      means: 'It is for data that all may write: no programs, no devices, and nothing that makes its caller root.',
      look: 'README, “How much” · mount(2), MS_NOSUID, MS_NODEV, MS_NOEXEC',
    });
    const mode = (box.stat(path).mode & 0o7777).toString(8);
    t.is(mode, '1777', {
      did,
      kernel: `its mode is ${mode}`,
      means: 'Anybody must be able to make files there, and nobody to remove another’s: 1777, as in /tmp.',
      look: 'tmpfs(5), mode',
    });
  }
});

const mountAt = (box: Box, path: string) => box.mounts().findLast(mount => mount.mountPoint === path);

/** `shm on /dev/shm type tmpfs (rw,nosuid) size=65536k`: a line of mountinfo. */
const line = ({ source, mountPoint, type, options, superOptions }: Mount) =>
  `${source} on ${mountPoint} type ${type} (${options.join(',')}) ${superOptions.filter(each => /size/.test(each)).join(' ')}`;

/** 'OK', or the errno with which it was refused. */
async function answer(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'OK';
  } catch (error) {
    if (error instanceof SyscallError) return error.code;
    throw error;
  }
}

/** How many bytes a file system holds. statfs(2) */
async function sizeOf(visitor: Process, path: string): Promise<number> {
  const buffer = Buffer.alloc(120);
  await visitor.syscall('statfs', path, into(buffer));
  const [blockSize, blocks] = [buffer.readBigInt64LE(8), buffer.readBigUInt64LE(16)];
  return Number(blockSize * blocks);
}

/** Two processes of ours: one on the host, one that has entered the container's mounts, root and IPC namespace. */
async function inBoth(t: Context, box: Box, use: (host: Process, inside: Process) => Promise<void>): Promise<void> {
  const folder = `/proc/${box.status().nsPids[1]}`;
  const [host, inside] = await Promise.all([t.session.sandbox.join(), t.session.sandbox.join()]);
  try {
    const root = await inside.open(`${folder}/root`, O.DIRECTORY);
    const ipc = await inside.open(`${folder}/ns/ipc`);
    await inside.setns(await inside.open(`${folder}/ns/mnt`), CLONE.NEWNS);
    await inside.setns(ipc, CLONE.NEWIPC);
    await inside.fchdir(root);
    await inside.chroot('.');
    await use(host, inside);
  } finally {
    await Promise.all([host.end(), inside.end()]);
  }
}

// From here on, how mistakes are recognised: in the record of the container's system calls, once a check has failed.

const has = (call: TraceLine, ...flags: string[]) => flags.every(flag => new RegExp(`\\b${flag}\\b`).test(call.text));
const isOwn = (call: TraceLine) => ['unshare', 'clone'].includes(call.name) && has(call, 'CLONE_NEWIPC');
const sourceOf = (call: TraceLine) => /^mount\("([^"]*)"/.exec(call.text)?.[1];
const targetOf = (call: TraceLine) =>
  /^(?:mount\((?:NULL|"[^"]*"), |mkdir\w*\((?:AT_FDCWD, )?)"([^"]*)"/.exec(call.text)?.[1];
/** The calls that mount something on such a folder, or change it. */
const at = (trace: TraceLine[], path: string) =>
  trace.filter(call => call.name === 'mount' && targetOf(call)?.endsWith(path));
/** Of those, what came after lesson 03 had made its /dev/shm. */
const onShm = (trace: TraceLine[]) => at(trace, '/dev/shm').filter(call => !has(call, 'mode=1777,size=65536k'));

diagnosis('mqueue-before-namespace', ({ trace, feedback }) => {
  const [mqueue, own] = [at(trace, '/mqueue')[0], trace.find(isOwn)];
  if (!mqueue || !own || trace.indexOf(mqueue) > trace.indexOf(own)) return null;
  return {
    kernel: `${mqueue.text}\n${own.text}\n${feedback.kernel}`,
    means:
      'The order is wrong: such a mount shows the queues of the namespace in which it was made, for as long as it lasts. That was ' +
      'the host’s.',
    look: 'README, “Two folders in /dev” · contain()',
  };
});

diagnosis(
  'other-namespace',
  ({ trace, feedback }) => {
    const made = trace.filter(call => call.name === 'unshare' && call.pid === trace[0]?.pid);
    const known = ['(CLONE_NEWNS)', '(CLONE_NEWUTS)'];
    const others = made.filter(call => !known.some(flag => call.text.includes(flag)) || made.length > known.length);
    return (
      others.length > 0 &&
      !trace.some(isOwn) && {
        kernel: `${others.at(-1)?.text}\n${feedback.kernel}`,
        means: 'This flag is for a namespace of another kind.',
        look: 'namespaces(7), the table',
      }
    );
  },
  ['own-namespace', 'system-v', 'posix-queues'],
);

diagnosis(
  'no-namespace',
  ({ trace, task: id }) =>
    !trace.some(isOwn) &&
    // Where nothing is mounted, that comes first.
    (id !== 'mqueue' || at(trace, '/mqueue').length > 0) &&
    trace.some(call => call.name === 'execve') && {
      means:
        'No call asked for an IPC namespace. None of this goes by paths, so neither the mounts nor the root of the container ' +
        'keep it apart.',
      look: 'README, “Numbers in place of names” · unshare(2), CLONE_NEWIPC',
    },
  ['own-namespace', 'system-v', 'posix-queues', 'mqueue'],
);

diagnosis('host-path', ({ trace, feedback }) => {
  const pivot = trace.findIndex(call => call.name === 'pivot_root');
  const before = pivot < 0 ? trace : trace.slice(0, pivot);
  const outside = before.find(call => /^\/dev\/(mqueue|shm)/.test(targetOf(call) ?? ''));
  return (
    outside && {
      kernel: `${outside.text}\n${feedback.kernel}`,
      means: 'Until pivotRoot, a path that begins with /dev is the host’s. The container’s begins with `rootfs`.',
      look: 'contain() · lesson 03, `mountDev`',
    }
  );
});

diagnosis('host-path-after-pivot', ({ trace, error }) => {
  const pivot = trace.findIndex(call => call.name === 'pivot_root' && call.result === 0);
  const failed =
    pivot >= 0 &&
    error?.error?.code === 'ENOENT' &&
    trace.slice(pivot).find(call => call.code === 'ENOENT' && /merged\/dev/.test(call.text));
  return (
    failed && {
      means:
        'The order is wrong: after pivotRoot, the container’s root is `/`, and `rootfs` is a path that nothing answers to.',
      look: 'contain()',
    }
  );
});

diagnosis('before-populate', ({ trace, error, feedback }) => {
  if (!error) return null;
  const [first, dev] = [trace.find(call => /\/dev\/(mqueue|shm)$/.test(targetOf(call) ?? '')), at(trace, '/dev')[0]];
  if (!first || (dev && trace.indexOf(dev) < trace.indexOf(first))) return null;
  return {
    kernel: `${first.text}\n${feedback.kernel}`,
    means:
      'The order is wrong: the container has no /dev of its own yet. Whatever is put there now, populate() covers.',
    look: 'contain()',
  };
});

diagnosis('no-folder', ({ error, trace }) => {
  const failed = error?.error?.code === 'ENOENT' && at(trace, '/mqueue').find(call => call.code === 'ENOENT');
  return (
    failed &&
    !trace.some(call => call.name.startsWith('mkdir') && targetOf(call)?.endsWith('/mqueue')) && {
      means:
        'There is no such folder. Lesson 03’s /dev has pts and shm, and a file system is mounted on a folder that is there.',
      look: 'mount(2), ERRORS: ENOENT',
    }
  );
});

diagnosis(
  'wrong-type',
  ({ trace }) => {
    const mount = at(trace, '/mqueue')[0];
    const type = /^mount\([^,]*, [^,]*, "([^"]*)"/.exec(mount?.text ?? '')?.[1];
    return (
      mount?.result === 0 &&
      type !== 'mqueue' && {
        kernel: mount.text,
        means: `This is a file system of type ${type}, whatever its source is called. The third argument says what it is; the first is a label.`,
        look: 'mq_overview(7), “Mounting the message queue filesystem”',
      }
    );
  },
  ['mqueue'],
);

diagnosis(
  'not-mounted',
  ({ trace }) =>
    at(trace, '/mqueue').length === 0 && {
      means:
        'No call has mounted the queues. The namespace has them all the same, and mq_open(3) finds them: the folder is how ls, cat ' +
        'and rm do.',
      look: 'README, “Two folders in /dev”',
    },
  ['mqueue', 'flags'],
);

diagnosis(
  'shm-of-the-host',
  ({ trace, feedback }) => {
    const bind = onShm(trace).find(call => has(call, 'MS_BIND') && sourceOf(call) === '/dev/shm');
    return (
      bind && {
        kernel: `${bind.text}\n${feedback.kernel}`,
        means:
          'This is the host’s /dev/shm, seen in a second place. The IPC namespace has no part in it: POSIX memory and semaphores ' +
          'are files, and files are kept apart by mounts.',
        look: 'README, “Two folders in /dev”',
      }
    );
  },
  ['shared-memory', 'shm-size', 'flags'],
);

diagnosis('size-undefined', ({ error, trace }) => {
  const failed = error?.error?.code === 'EINVAL' && trace.findLast(call => /size=(undefined|NaN|null)/.test(call.text));
  return (
    failed && {
      kernel: failed.text,
      means: 'No size was given, and what stands for that in JavaScript was passed on as one. 64 MiB is what it means.',
      look: 'Spec, shmSize',
    }
  );
});

const sizes = ['shm-size', 'shared-memory', 'flags'];

diagnosis(
  'size-of-a-bind',
  ({ trace, feedback }) => {
    const call = onShm(trace).find(each => has(each, 'MS_REMOUNT', 'MS_BIND') && /size=/.test(each.text));
    return (
      call && {
        kernel: `${call.text}\n${feedback.kernel}`,
        means:
          'The call succeeded, and the size was not looked at: with MS_BIND, a remount is about this one mount and its flags. How much ' +
          'it holds is a matter of the file system.',
        look: 'README, “How much” · mount(2), “Remounting an existing mount”',
      }
    );
  },
  sizes,
);

diagnosis(
  'size-elsewhere',
  ({ trace, feedback }) => {
    const call = trace.find(
      each =>
        each.name === 'mount' &&
        has(each, 'MS_REMOUNT') &&
        /size=/.test(each.text) &&
        !targetOf(each)?.endsWith('/shm'),
    );
    return (
      call && {
        kernel: `${call.text}\n${feedback.kernel}`,
        means: 'This has changed another file system. /dev/shm is one of its own, mounted in /dev.',
        look: 'lesson 03, `mountDev`',
      }
    );
  },
  ['shm-size'],
);

diagnosis(
  'size-unit',
  ({ trace, feedback }) => {
    const call = onShm(trace).find(each => /size=\d+[kmg%]/i.test(each.text));
    return (
      call && {
        kernel: `${call.text}\n${feedback.kernel}`,
        means: 'With a letter behind it, the number counts units of 1024 bytes or more. shmSize is in bytes.',
        look: 'tmpfs(5), size',
      }
    );
  },
  ['shm-size'],
);

diagnosis(
  'half-of-memory',
  ({ trace, feedback }) => {
    const call = onShm(trace).find(each => /"tmpfs"/.test(each.text) && !/size=/.test(each.text));
    return (
      call && {
        kernel: `${call.text}\n${feedback.kernel}`,
        means: 'A tmpfs for which no size is given holds half of the machine’s memory.',
        look: 'README, “How much” · tmpfs(5), size',
      }
    );
  },
  ['shm-size'],
);

diagnosis(
  'size-ignored',
  ({ trace }) =>
    onShm(trace).length === 0 && {
      means:
        'No call has changed /dev/shm: it is as lesson 03 has mounted it. The IPC namespace neither makes it nor limits it, for what ' +
        'is in there are files.',
      look: 'README, “How much”',
    },
  ['shm-size'],
);

diagnosis(
  'flags-dropped',
  ({ trace, feedback }) => {
    const call = onShm(trace).findLast(each => !has(each, 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC'));
    return (
      call &&
      /\/dev\/shm/.test(feedback.did) &&
      /without/.test(feedback.kernel) && {
        kernel: `${call.text}\n${feedback.kernel}`,
        means: has(call, 'MS_REMOUNT')
          ? 'A remount sets all flags of the mount: those that it does not name are off now.'
          : 'The new mount has only the flags that it was given, and covers the one that had them.',
        look: 'README, “How much” · mount(2), “Remounting an existing mount”',
      }
    );
  },
  ['flags'],
);

diagnosis(
  'shm-mode',
  ({ trace, feedback }) => {
    const call = onShm(trace).findLast(each => /mode=/.test(each.text));
    return (
      call && {
        kernel: `${call.text}\n${feedback.kernel}`,
        means:
          'Its mode lets only root make files there; programs mostly run as somebody else. A tmpfs is born with 1777.',
        look: 'tmpfs(5), mode',
      }
    );
  },
  ['flags'],
);
