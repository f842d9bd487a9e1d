// Whether a lesson can run, on machines that are made up.
import test from 'ava';
import { cgroupLayout, type Facts } from './facts.ts';
import { whyNot } from './needs.ts';

const machine: Facts = {
  platform: 'linux',
  kernel: '5.15.0',
  uid: 0,
  root: true,
  userns: true,
  cgroup: 'v2',
  overlay: true,
  overlayInUserns: true,
  tmpfsUserXattr: false,
  guest: false,
  features: { 'cgroup-v2': true, 'namespace-time': false },
};
const user: Facts = { ...machine, uid: 1000, root: false };

test('a lesson runs where everything that it needs is there', t => {
  t.is(whyNot({ root: 'any' }, machine), null);
  t.is(whyNot({ root: 'any', kernel: '5.11', features: ['cgroup-v2'] }, user), null);
  t.is(whyNot({ root: 'required', kernel: '5.15.0' }, machine), null);
});

test('kernels are compared number by number', t => {
  t.regex(whyNot({ root: 'any', kernel: '5.11' }, { ...machine, kernel: '5.9.16' }) ?? '', /Linux 5\.11 .* 5\.9\.16/);
  t.is(whyNot({ root: 'any', kernel: '5.11' }, { ...machine, kernel: '6.1' }), null);
  t.is(whyNot({ root: 'any', kernel: '5.15' }, machine), null);
  t.regex(whyNot({ root: 'any', kernel: '5.15.1' }, machine) ?? '', /Linux 5\.15\.1/);
});

test('the reason is the one that holds: no Linux, no root, no user namespace, no overlay', t => {
  t.regex(whyNot({ root: 'any' }, { ...machine, platform: 'darwin', kernel: '' }) ?? '', /a Linux kernel, .* darwin/);
  t.regex(whyNot({ root: 'required' }, user) ?? '', /root .* user 1000/);
  t.regex(whyNot({ root: 'any' }, { ...user, userns: false }) ?? '', /user namespace/);
  t.regex(whyNot({ root: 'any' }, { ...user, overlayInUserns: false }) ?? '', /overlay in a user namespace/);
  t.regex(whyNot({ root: 'any' }, { ...machine, overlay: false }) ?? '', /overlayfs/);
  t.is(whyNot({ root: 'any' }, { ...machine, userns: false }), null, 'root needs no user namespace');
});

test('a feature that is missing is named, and one that nobody knows is the lesson’s mistake', t => {
  t.regex(whyNot({ root: 'any', features: ['cgroup-v2', 'namespace-time'] }, machine) ?? '', /namespace-time/);
  t.throws(() => whyNot({ root: 'any', features: ['cgroups'] }, machine), { message: /'cgroups'/ });
});

test('the layout of control groups is told from the mounts', t => {
  const v2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n';
  const v1 = 'cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n';
  t.is(cgroupLayout(v2), 'v2');
  t.is(cgroupLayout(v1), 'v1');
  t.is(cgroupLayout(v1 + v2), 'hybrid');
  t.is(cgroupLayout('tmpfs /cgroup tmpfs rw 0 0\n'), 'none');
});
