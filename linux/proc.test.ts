// What /proc says, from texts: these run on any operating system. The last few read this machine's own.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { here } from './kit.ts';
import * as proc from './proc.ts';

test('A line of mountinfo, field by field.', t => {
  const line =
    '36 35 98:0 /mnt1 /mnt2 rw,noatime shared:7 master:1 propagate_from:3 - ext3 /dev/root rw,errors=continue\n';
  t.deepEqual(proc.parseMountinfo(line), [
    {
      id: 36,
      parent: 35,
      device: '98:0',
      root: '/mnt1',
      mountPoint: '/mnt2',
      options: ['rw', 'noatime'],
      shared: 7,
      master: 1,
      propagation: ['shared:7', 'master:1', 'propagate_from:3'],
      type: 'ext3',
      source: '/dev/root',
      superOptions: ['rw', 'errors=continue'],
    },
  ]);
});

for (const [tags, shared, master] of [
  ['', null, null],
  ['shared:12 ', 12, null],
  ['master:5 ', null, 5],
  ['unbindable ', null, null],
  ['shared:2 master:9 ', 2, 9],
] as const) {
  test(`Optional fields of mountinfo: '${tags.trim()}'.`, t => {
    const [mount] = proc.parseMountinfo(`1 2 0:3 / /p rw ${tags}- tmpfs none rw\n`);
    t.like(mount, { shared, master, type: 'tmpfs', mountPoint: '/p' });
  });
}

test('Escapes are bytes, and together UTF-8; what is no escape stays.', t => {
  const names = {
    '/a\\040b': '/a b',
    '/\\011\\012\\134': '/\t\n\\',
    '/\\303\\244\\040\\342\\202\\254': '/ä €',
    '/gr\u00fcn\\040': '/grün ',
    '/\\1342040': '/\\2040',
    '/plain': '/plain',
    '/\\9x': '/\\9x',
  };
  for (const [written, name] of Object.entries(names)) {
    const [mount] = proc.parseMountinfo(`1 2 0:3 ${written} ${written} rw - tmpfs ${written} rw\n`);
    t.like(mount, { root: name, mountPoint: name, source: name }, written);
  }
});

test("An option of the file system keeps the comma that is its own, as in overlay's lowerdir.", t => {
  const [mount] = proc.parseMountinfo('1 2 0:3 / /m rw - overlay overlay rw,lowerdir=/a\\040b:/c\\054d,upperdir=/u\n');
  t.deepEqual(mount?.superOptions, ['rw', 'lowerdir=/a b:/c,d', 'upperdir=/u']);
});

test('A mount may have an empty source, and a file no mounts.', t => {
  t.like(proc.parseMountinfo('1 2 0:3 / /m rw - tmpfs  rw,size=1k\n')[0], {
    source: '',
    superOptions: ['rw', 'size=1k'],
  });
  t.deepEqual(proc.parseMountinfo(''), []);
});

test('status, field by field.', t => {
  const status = proc.parseStatus(
    `${[
      'Name:\tsh: a',
      'State:\tS (sleeping)',
      'Pid:\t4711',
      'PPid:\t12',
      'Uid:\t0\t1000\t0\t1000',
      'Gid:\t5\t5\t5\t5',
      'Groups:\t4 24 27 ',
      'NSpid:\t4711\t12\t1',
      'Threads:\t3',
      'CapInh:\t0000000000000000',
      'CapPrm:\t000001ffffffffff',
      'CapEff:\t00000000a80425fb',
      'CapBnd:\t000001ffffffffff',
      'CapAmb:\t0000000000000400',
      'NoNewPrivs:\t1',
      'Seccomp:\t2',
      'SigBlk:\t0000000000000000',
    ].join('\n')}\n`,
  );
  const { fields, ...rest } = status;
  t.deepEqual(rest, {
    name: 'sh: a',
    state: 'S',
    pid: 4711,
    parent: 12,
    nsPids: [4711, 12, 1],
    uids: [0, 1000, 0, 1000],
    gids: [5, 5, 5, 5],
    groups: [4, 24, 27],
    threads: 3,
    noNewPrivs: true,
    seccomp: 2,
    capabilities: {
      inheritable: 0n,
      permitted: 0x1ffffffffffn,
      effective: 0xa80425fbn,
      bounding: 0x1ffffffffffn,
      ambient: 0x400n,
    },
  });
  t.is(fields.SigBlk, '0000000000000000');
});

test('An empty status, and one with an empty list of groups, are read without an error.', t => {
  t.like(proc.parseStatus(''), {
    name: '',
    groups: [],
    nsPids: [],
    noNewPrivs: false,
    capabilities: { effective: 0n },
  });
  t.deepEqual(proc.parseStatus('Groups:\t \nName:\tx\n').groups, []);
});

here('The readers agree with what this process knows of itself.', t => {
  const status = proc.readStatus('self');
  t.like(status, { pid: process.pid, parent: process.ppid });
  t.is(status.uids[0], process.getuid?.());
  t.true(proc.readArguments('self').includes(process.argv[1] ?? ''));
  t.is(proc.readCwd('self').path, process.cwd());
  t.is(proc.readRoot('self').path, '/');
  t.is(proc.readEnvironment('self').PATH, process.env.PATH);
  t.true(proc.readDescriptors('self').has(0));
  t.deepEqual(Object.keys(proc.readNamespaces('self')), ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup', 'time']);
  t.true(proc.readNamespaces('self').mnt > 0);
});

here("Every line of this machine's mountinfo is understood.", t => {
  const read = () => readFileSync('/proc/self/mountinfo', 'utf8');
  // Others may mount something meanwhile: what counts was the same before and after.
  let text = read();
  let mounts = proc.readMountinfo('self');
  for (let now = read(); now !== text; now = read()) {
    text = now;
    mounts = proc.readMountinfo('self');
  }
  t.is(mounts.length, text.trimEnd().split('\n').length);
  for (const mount of mounts) {
    t.true(Number.isInteger(mount.id) && Number.isInteger(mount.parent), mount.mountPoint);
    t.regex(mount.device, /^\d+:\d+$/);
    t.true(mount.mountPoint.startsWith('/') && mount.type !== '');
  }
});
