// What must be true of lesson 02's container. Everything is read from /proc, from outside.
import type { Stats } from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Finding, type TraceLine, task } from '#check';
import { type Place, readDescriptors } from '#linux';

// A path, so that the command runs in any root, and also when PATH is not searched.
defaults({ command: ['/bin/sleep', '60'], rootfs: '/run/boxwright/images/base' });

task('own-root', async t => {
  const rootfs = `/run/boxwright/${t.nonce('rootfs')}`;
  await t.host.run(['sh', '-c', 'mkdir -p "$1/bin" && ln "$2/bin/busybox" "$1/bin/sleep"', 'sh', rootfs, t.image]);
  const folder = t.host.stat(rootfs);

  const box = await t.contain({ rootfs });
  const root = box.root();
  t.ok(isSame(root, folder), {
    did: `made the folder ${rootfs}, and started a container with it as root`,
    kernel: `/proc/${box.reference.pid}/root -> ${root.path}`,
    means:
      root.path === '/'
        ? 'The command’s `/` is still the host’s: it can read every file there is.'
        : 'The command has a root of its own, but not the folder that it was given.',
    look: 'chroot(2)',
  });
});

task('inside', async t => {
  const box = await t.contain();
  t.ok(isWithin(box.cwd().path, t.image), {
    did: `started a container with the root ${t.image}, and looked where it stands`,
    kernel: standing(box),
    means: `It stands outside of the folder that is to be its root. \`cat ../../..${t.secrets.file}\` needs no more than that.`,
    look: 'README, “Two folders that every process carries” · chroot(2): ‘does not change the current working directory’',
  });
});

task('no-descriptor', async t => {
  const { fd } = t.secrets;
  const starter = readDescriptors(t.session.runner).get(fd);
  const box = await t.contain();
  const did = `had ${starter} open as descriptor ${fd}, started a container, and listed its descriptors`;
  requireRoot(t, box, did);

  const leftOpen = [...box.descriptors()].filter(([each]) => each > 2);
  t.is(leftOpen.length, 0, {
    did,
    kernel: leftOpen.map(([each, target]) => `/proc/${box.reference.pid}/fd/${each} -> ${target}`).join('\n'),
    means: 'Whoever holds a folder open can go there: fchdir(2) asks for a descriptor, not for a path.',
    look: 'README, “What it does not move, and what it does not close” · chroot(2): ‘does not close open file descriptors’',
  });
});

task('climb-out', async t => {
  const command = ['/bin/cat', t.secrets.file];
  const before = await t.contain({ command });
  t.ok(!(await before.output()).includes(t.secrets.text), {
    did: `ran \`${command.join(' ')}\` in a container, before anybody climbs`,
    kernel: 'it printed the host’s secret',
    means: 'There is nothing to climb out of yet: the container has the host’s root.',
    look: 'TODO 1 first',
  });

  // Step by step first: where a process stands can be read even when no command could be started from there.
  const climber = await t.start();
  await t.call('enterRoot', climber, t.image);
  const calls = (await climber.trace()).length;
  requireRoot(t, climber, 'called enterRoot(box), to have somebody climb out');
  await t.call('climbOut', climber);
  const top = t.host.stat('/');
  if (!(await t.until(() => isSame(climber.root(), top), 50))) {
    const [root, cwd] = [climber.root().path, climber.cwd().path];
    t.fail({
      did: 'called enterRoot(box) and climbOut(box), and looked where the process is',
      kernel: standing(climber),
      look: 'README, “The way out”',
      ...whyNotOut(t.image, root, cwd, (await climber.trace()).slice(calls)),
    });
  }

  const box = await t.contain({ command, inside: t.exported('climbOut') });
  const output = await box.output();
  t.ok(output.includes(t.secrets.text), {
    did: `climbed out of a container, and ran \`${command.join(' ')}\`, which only the host has`,
    kernel: output.trim() || 'it printed nothing',
    means: 'climbOut worked on a process alone, but not in the container: is it called before the command starts?',
    look: 'contain()',
  });
});

/** As the kernel writes them, both paths are the host's. */
const isWithin = (path: string, folder: string) => `${path}/`.startsWith(folder === '/' ? '/' : `${folder}/`);

const isSame = (place: Place, file: Stats) => place.inode === file.ino && place.device === file.dev;

/** The two folders of a process, as one would read them on the host. */
const standing = (box: Box) =>
  `/proc/${box.reference.pid}/root -> ${box.root().path}\n/proc/${box.reference.pid}/cwd -> ${box.cwd().path}`;

/** What is outside, and whether one can get there, is a question only once there is a root of one's own. */
function requireRoot(t: Context, box: Box, did: string): void {
  t.ok(isSame(box.root(), t.host.stat(t.image)), {
    did,
    kernel: standing(box),
    means: 'As long as its root is not the folder that it was given, nothing is outside.',
    look: 'the container’s own root first',
  });
}

/** Why somebody who was to climb out of `image` is still where they are. */
function whyNotOut(image: string, root: string, cwd: string, climb: TraceLine[]): Pick<Finding, 'means' | 'diagnosis'> {
  const wentUp = climb.some(call => ['chdir', 'chroot'].includes(call.name) && call.text.includes('..'));
  if (climb.length === 0) return { means: 'climbOut made no call: `/` is what it was.' };
  if (root === image) {
    if (!wentUp) return { means: 'The root is what it was before: nobody went up on the way.' };
    return {
      diagnosis: 'stopped-at-root',
      means:
        'You asked for `..`, and got nowhere. Whoever stands in their root is stopped there: `/..` is `/`. First you must ' +
        'stand outside of it. You cannot move out; but can you move the root?',
    };
  }
  if (isWithin(root, image) && isWithin(cwd, root)) {
    return {
      diagnosis: 'stepped-inside',
      means:
        `You gave yourself a root further down, and went into it: there \`..\` is stopped as before, only deeper. A path ` +
        'that begins with `/` begins at the new root, and takes you in as well. The working folder must stay outside.',
    };
  }
  if (isWithin(root, image) && cwd === image) {
    return { means: `You stand outside of your root, ${root}: nothing stops \`..\` any more. Where does it lead?` };
  }
  if (isWithin(root, image)) {
    return {
      diagnosis: 'second-chroot-forgotten',
      means:
        `You stand outside of your root, in ${cwd}, but your root is still ${root}. The command’s path, and every other ` +
        'that begins with `/`, starts there.',
    };
  }
  return {
    diagnosis: 'not-high-enough',
    means:
      `You are out of the container, and have come as far as ${root}. How deep the rootfs lies on the host is not known
inside: how many steps are surely enough, and what does one too many do?`.replace('\n', ' '),
  };
}

diagnosis('host-path-after-chroot', ({ error, find }) => {
  const failed = error?.error;
  if (failed?.syscall !== 'chdir' || failed.code !== 'ENOENT') return null;
  const chroot = find('chroot');
  return (
    chroot?.result === 0 && {
      kernel: `${chroot.text}\n${failed.call} = -1 ENOENT (No such file or directory)`,
      means:
        'chroot succeeded, and from then on every path that begins with `/` starts in the new root. This one is the host’s ' +
        'name for a folder. What is that folder called inside?',
      look: 'README, “Two folders that every process carries” · path_resolution(7), Step 1',
    }
  );
});

diagnosis('relative-path', ({ error, trace }) => {
  const failed = error?.error;
  if (failed?.syscall !== 'chroot' || failed.code !== 'ENOENT' || /^chroot\("\//.test(failed.call ?? '')) return null;
  const moves = trace.filter(call => call.name === 'chdir' && call.result === 0);
  return {
    kernel: [...moves.map(call => call.text), `${failed.call} = -1 ENOENT (No such file or directory)`].join('\n'),
    means:
      'A path that does not begin with `/` is looked up in the folder where the process stands, and there is no such folder ' +
      'there. `rootfs` is an absolute path: it means the same wherever one stands.',
    look: 'path_resolution(7), Step 1',
  };
});

diagnosis(
  'wrong-process',
  ({ source, find }) => {
    const chdir = /^.*\bprocess\s*\.\s*chdir\(.*$/m.exec(source.replace(/\/\/.*$/gm, ''))?.[0].trim();
    return (
      chdir !== undefined && {
        kernel: `${chdir}\n${find('chroot')?.text ?? 'no chroot by the container’s process'}`,
        means:
          'That moved Node, which runs your file, and not the container’s process, which was started before and stands where ' +
          'it stood. What the container is to do must be a call on `box`.',
        look: 'chdir(2): of the calling process',
      }
    );
  },
  ['own-root', 'inside'],
);

diagnosis(
  'chdir-is-not-chroot',
  ({ find }) => {
    const chdir = find('chdir');
    return (
      chdir?.result === 0 &&
      !find('chroot') && {
        means:
          'The process stands in the folder, and that is all. Where a path with `/` in front begins does not depend on where ' +
          'one stands: that is the process’s other folder.',
        look: 'README, “Two folders that every process carries”',
      }
    );
  },
  ['own-root'],
);

diagnosis(
  'chroot-to-slash',
  ({ find, feedback }) => {
    const chroot = find('chroot', /^chroot\("\/"\)/);
    return (
      chroot?.result === 0 && {
        kernel: `${[find('chdir'), chroot].flatMap(call => call?.text ?? []).join('\n')}\n${feedback.kernel}`,
        means:
          'The argument is looked up before anything changes, so that `/` is still the host’s root: the call put it where it ' +
          'was. Where the process stands plays no part in that.',
        look: 'path_resolution(7), Step 1',
      }
    );
  },
  ['own-root'],
);

diagnosis(
  'chdir-too-early',
  ({ trace, find, index, feedback }) => {
    const chroot = index('chroot');
    const last = trace.findLastIndex(call => call.name === 'chdir');
    return (
      last >= 0 &&
      last < chroot && {
        kernel: `${trace[last]?.text}\n${find('chroot')?.text}\n${feedback.kernel}`,
        means:
          'The order is wrong: when the process moved to `/`, that was still the host’s, and there it stayed when its root ' +
          'was changed.',
      }
    );
  },
  ['inside'],
);

diagnosis(
  'chdir-stays-outside',
  ({ trace, index, feedback }) => {
    const move = trace.findLast(call => call.name === 'chdir');
    return (
      move &&
      trace.indexOf(move) > index('chroot') &&
      index('chroot') >= 0 &&
      !move.text.startsWith('chdir("/') && {
        kernel: `${move.text}\n${feedback.kernel}`,
        means:
          'A path that does not begin with `/` starts where the process stands, and that is outside: this leads to another ' +
          'place outside. Only a path that begins with `/` starts at the new root.',
        look: 'path_resolution(7), Step 1',
      }
    );
  },
  ['inside'],
);

diagnosis(
  'cwd-outside',
  ({ find, index, feedback }) => {
    const chroot = find('chroot');
    return (
      chroot?.result === 0 &&
      index('chdir') < 0 && {
        kernel: `${chroot.text}\n${feedback.kernel}`,
        means: 'chroot(2) changes where `/` is and nothing else. The process still stands where it stood, outside.',
      }
    );
  },
  ['inside'],
);

diagnosis(
  'descriptor-opened',
  ({ trace, feedback }) => {
    const opened = trace.find(call => call.name === 'openat' && (call.result ?? -1) >= 0);
    const kept =
      opened && !trace.some(call => call.name === 'close' && call.text.startsWith(`close(${opened.result})`));
    return (
      kept &&
      feedback.kernel.includes(`/fd/${opened.result} ->`) && {
        kernel: `${opened.text}\n${feedback.kernel}`,
        means:
          'Your own way back is the command’s way out: a descriptor stays open through chroot and through execve. ' +
          '`fchdir` with it, and one stands on the host.',
      }
    );
  },
  ['no-descriptor'],
);

diagnosis(
  'descriptor-inherited',
  ({ find }) =>
    find('execve', /= 0$/) &&
    !find('close_range') && {
      means:
        'The command holds what the one who started it had open; chroot closes nothing. You wrote a function in lesson 01 ' +
        'that sees to it on the way to execve, and this container does not pass through it.',
      look: 'lesson 01, `execute` · close_range(2)',
    },
  ['no-descriptor'],
);

diagnosis(
  'left-behind',
  ({ error }) => {
    const failed = error?.error;
    return (
      failed?.syscall === 'mkdirat' &&
      failed.code === 'EEXIST' && {
        means:
          'The first to climb out made this folder, and it is still there: it was made in the image, which is a folder of ' +
          'the host like any other, and the next container gets the same one. An escape must work twice. And need the ' +
          'folder be a new one?',
        look: 'mkdir(2), ERRORS: EEXIST',
      }
    );
  },
  ['climb-out'],
);
