// Namespaces: each of the eight really made, by this user and, when this is root, also by one without any rights.
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { type Facts, findProgram, namespaces } from './facts.ts';
import { type Finding, finding, type Lack } from './finding.ts';
import { attempt, tryUserNamespace } from './probe.ts';

const flags = {
  mnt: 'mount',
  uts: 'uts',
  ipc: 'ipc',
  pid: 'pid',
  net: 'net',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
};
const since = {
  mnt: '2.4.19',
  uts: '2.6.19',
  ipc: '2.6.19',
  pid: '2.6.24',
  net: '2.6.29',
  user: '3.8',
  cgroup: '4.6',
  time: '5.6',
};

export function isolation(facts: Facts): Promise<Finding[]> {
  return Promise.all([...namespaces.map(kind => namespace(kind, facts)), unprivileged(facts), ranges(facts)]);
}

/** The inode that names the new namespace must differ from ours. */
async function namespace(kind: (typeof namespaces)[number], facts: Facts): Promise<Finding> {
  const id = `namespace-${kind}`;
  const title = `${flags[kind]} namespace`;
  const link = `/proc/self/ns/${kind}`;
  if (!existsSync(link)) {
    const cause = `this kernel is older than Linux ${since[kind]}, or was built without it`;
    return finding(id, title, 'not in this kernel', { state: 'missing', cause, remedy: 'use a newer kernel' });
  }
  const become = facts.root ? [] : ['--user', '--map-root-user'];
  const tried = await attempt('unshare', ['--fork', ...become, `--${flags[kind]}`, 'readlink', link]);
  if (tried.ok && tried.stdout.trim() !== readlinkSync(link)) return finding(id, title, 'made, and apart from ours');
  return finding(id, title, `refused: ${tried.complaint}`, {
    state: 'missing',
    cause: 'the kernel has it, and this user may not make one',
    remedy: facts.root ? 'leave the container that this is, or give it --privileged' : 'try as root, with sudo',
  });
}

async function unprivileged(facts: Facts): Promise<Finding> {
  const title = 'user namespace for an ordinary user';
  const tried = await tryUserNamespace(facts.root);
  if (tried.ok)
    return finding(
      'userns',
      title,
      `made, with all rights inside (up to ${setting('user/max_user_namespaces')} of them)`,
    );
  return finding('userns', title, `refused: ${tried.complaint}`, {
    state: facts.root ? 'warn' : 'missing',
    ...whoForbids(),
  });
}

/** Three switches of different distributions forbid it; each has its own remedy. user_namespaces(7) */
function whoForbids(): Lack {
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return {
      cause: 'AppArmor grants them to programs with a profile only (Ubuntu 23.10 and newer)',
      remedy: 'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or work as root',
    };
  }
  if (setting('kernel/unprivileged_userns_clone') === '0') {
    return {
      cause: 'Debian’s switch is off',
      remedy: 'sudo sysctl kernel.unprivileged_userns_clone=1, or work as root',
    };
  }
  if (setting('user/max_user_namespaces') === '0') {
    return { cause: 'none may exist at a time', remedy: 'sudo sysctl user.max_user_namespaces=10000, or work as root' };
  }
  return {
    cause: 'a container or a security module around us forbids it',
    remedy: 'work as root, on the machine itself',
  };
}

/** Further user ids, for containers of an ordinary user with more than one user inside. subuid(5), newuidmap(1) */
async function ranges(facts: Facts): Promise<Finding> {
  const title = 'ranges of user ids';
  if (facts.uid === 0) return finding('subuid', title, 'root needs none: it may map any id');
  const { username, uid } = userInfoOrId();
  const lines = existsSync('/etc/subuid') ? readFileSync('/etc/subuid', 'utf8').split('\n') : [];
  const mine = lines.map(line => line.split(':')).find(([name]) => name === username || name === String(uid));
  const cause = 'an ordinary user may map only its own id, so containers have one user inside';
  if (!mine)
    return finding('subuid', title, 'none in /etc/subuid', {
      cause,
      remedy: `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`,
    });
  if (!findProgram('newuidmap')) {
    return finding('subuid', title, 'in /etc/subuid, but no newuidmap', {
      cause,
      remedy: 'sudo apt-get install uidmap',
    });
  }
  return finding('subuid', title, `${mine[2]} ids from ${mine[1]}`);
}

/** A user need not have a name. */
function userInfoOrId(): { username: string; uid: number } {
  try {
    return userInfo();
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { username: String(uid), uid };
  }
}

function setting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return undefined; // not every kernel has every switch
  }
}
