// What must be true of lesson 02's container. Everything is read from /proc, from outside.
import { defaults, diagnosis, task } from '#check';

defaults({ command: ['sleep', '60'], rootfs: '/run/boxwright/images/base' });

task('own-root', async t => {
  const box = await t.contain();
  const image = t.host.stat(t.image);
  const { device, inode, path } = box.root();
  t.same([device, inode], [image.dev, image.ino], {
    did: `started a container with the root ${t.image}`,
    kernel: `/proc/${box.reference.pid}/root -> ${path}, which is not that folder but inode ${inode}`,
    means: 'The command’s `/` is still the host’s: it can read every file there is.',
  });
});

task('inside', async t => {
  const box = await t.contain();
  const [root, cwd] = [box.root(), box.cwd()];
  t.same([cwd.device, cwd.inode], [root.device, root.inode], {
    did: 'started a container, and looked where it stands',
    kernel: `its root is inode ${root.inode}, its working folder inode ${cwd.inode}: ${cwd.path}`,
    means: 'The working folder lies outside the root. `cat ../../etc/shadow` needs no more than that.',
    look: 'chroot(2), NOTES',
  });
});

task('no-descriptor', async t => {
  const box = await t.contain();
  const outside = [...box.descriptors()].filter(([fd]) => fd > 2);
  t.is(outside.length, 0, {
    did: 'started a container, and listed its descriptors',
    kernel: outside.map(([fd, target]) => `/proc/${box.reference.pid}/fd/${fd} -> ${target}`).join('\n'),
    means: 'Whoever has a folder open can go there: fchdir(2) asks for a descriptor, not for a path.',
    look: 'fchdir(2)',
  });
});

task('climb-out', async t => {
  const before = await t.contain({ command: ['cat', t.secrets.file] });
  t.ok(!(await before.output()).includes(t.secrets.text), {
    did: `ran cat ${t.secrets.file} in a container, before anybody climbs`,
    kernel: 'the file could be read',
    means: 'There is nothing to climb out of yet: the container has the host’s root.',
    look: 'TODO 1 first',
  });

  const box = await t.contain({ command: ['cat', t.secrets.file], inside: t.exported('climbOut') });
  const output = await box.output();
  t.ok(output.includes(t.secrets.text), {
    did: `climbed out, and ran cat ${t.secrets.file}, which only the host has`,
    kernel: output.trim() || 'no output',
    means: 'After climbOut, `/` is not the host’s root yet.',
  });
});

diagnosis(
  'cwd-outside',
  ({ find, index }) =>
    find('chroot') &&
    index('chdir') < 0 && {
      means: 'chroot(2) changes where `/` is and nothing else. The process still stands where it stood, outside.',
    },
  ['inside'],
);
