import test from 'ava';
import { makeCall } from '../testing/lesson.ts';
import { align } from './align.ts';
import { showTraces } from './trace.ts';

const marks = (mine: string[], reference: string[]) =>
  align(
    mine.map(text => makeCall(text)),
    reference.map(text => makeCall(text)),
  ).map(({ mark, mine, reference }) => `${mark} ${mine?.name ?? '-'} ${reference?.name ?? '-'}`);

test('a call that is missing and one too many are marked where they are', t => {
  t.deepEqual(
    marks(['unshare(CLONE_NEWNS)', 'getpid()', 'chroot("/x")'], ['unshare(CLONE_NEWNS)', 'chroot("/x")', 'chdir("/")']),
    ['  unshare unshare', '+ getpid -', '  chroot chroot', '- - chdir'],
  );
});

test('of several calls of one name those that act on the same are paired', t => {
  const rows = align(
    [makeCall('mount("proc", "/r/proc", "proc", 0, NULL)')],
    [
      makeCall('mount("none", "/", NULL, MS_PRIVATE, NULL)'),
      makeCall('mount("proc", "/r/proc", "proc", MS_NODEV, NULL)'),
    ],
  );
  t.deepEqual(
    rows.map(({ mark }) => mark),
    ['-', '~'],
  );
});

test('calls in the wrong order are no pair', t => {
  t.deepEqual(
    marks(
      ['sethostname("x", 1)', 'unshare(CLONE_NEWUTS)'],
      ['unshare(CLONE_NEWUTS)', 'sethostname("x", 1)'],
    ).toSorted(),
    ['  sethostname sethostname', '+ unshare -', '- - unshare'].toSorted(),
  );
});

test('the same call with another result is no equal', t => {
  const [pair] = align([makeCall('chroot("/x")', 'ENOENT')], [makeCall('chroot("/x")')]);
  t.is(pair?.mark, '~');
});

test('names made by chance and process IDs count as equal, names that were chosen do not', t => {
  t.deepEqual(marks(['chdir("/tmp/aB3xYz/root")'], ['chdir("/tmp/Qk29Lm/root")']), ['  chdir chdir']);
  t.deepEqual(marks(['chroot("/run/rootfs-0ca82008")'], ['chroot("/run/rootfs-19c2f00d")']), ['  chroot chroot']);
  t.deepEqual(marks(['chdir("/proc/12/root")'], ['chdir("/proc/431/root")']), ['  chdir chdir']);
  t.deepEqual(marks(['chdir("/dev/pts")'], ['chdir("/dev/shm")']), ['~ chdir chdir']);
  t.deepEqual(marks(['mount("a", "b", "tmpfs", 0, "size=65535k")'], ['mount("a", "b", "tmpfs", 0, "size=65536k")']), [
    '~ mount mount',
  ]);
});

test('two traces stand side by side where there is room, and one under the other where not', t => {
  const traces = { mine: [makeCall('chroot("/x")')], reference: [makeCall('chroot("/y")')] };
  t.true(
    showTraces(traces, 120)
      .split('\n')
      .some(line => line.includes('/x') && line.includes('/y')),
  );
  t.false(
    showTraces(traces, 80)
      .split('\n')
      .some(line => line.includes('/x') && line.includes('/y')),
  );
});
