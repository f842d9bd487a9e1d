// Who `USER` means: looked up in the image's own /etc/passwd and /etc/group. conversion.md, "config.User"; passwd(5), group(5)
import { isErrno, O, type Process, SyscallError } from '#linux';
import { ImageError } from './errors.ts';

export interface User {
  uid: number;
  gid: number;
  additionalGids: number[];
  home: string;
}

const limit = 1 << 20;

/** `name`, `uid`, `name:group`, `uid:gid`: as the container's files say, read by a process in the container. */
export async function findUser(box: Process, text: string): Promise<User> {
  const [user = '', group] = text.split(':');
  const [people, groups] = [await table(box, '/etc/passwd'), await table(box, '/etc/group')];
  const entry = people.find(([name, , uid]) => name === user || uid === user);
  const uid = Number(entry?.[2] ?? user);
  if (user === '' || !isId(uid))
    throw new ImageError(`the image has no user ${JSON.stringify(user)} in its /etc/passwd`);
  const gid = group ? groupId(groups, group) : Number(entry?.[3] ?? 0);
  const name = entry?.[0];
  // Who names a group is in that one only.
  const additionalGids = group
    ? []
    : groups.filter(([, , , members = '']) => name && members.split(',').includes(name)).map(each => Number(each[2]));
  return { uid, gid, additionalGids: additionalGids.filter(isId), home: entry?.[5] || '/' };
}

export function groupId(groups: string[][], group: string): number {
  const gid = Number(groups.find(([name, , id]) => name === group || id === group)?.[2] ?? group);
  if (!isId(gid)) throw new ImageError(`the image has no group ${JSON.stringify(group)} in its /etc/group`);
  return gid;
}

const isId = (id: number) => Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;

async function table(box: Process, path: string): Promise<string[][]> {
  const text = await readFrom(box, path);
  return text.split('\n').map(line => line.split(':'));
}

/** A file as the process sees it; empty when there is none. It is the image's: it may be a device, or a pipe, or endless. */
async function readFrom(box: Process, path: string): Promise<string> {
  let fd: number;
  try {
    fd = await box.open(path, O.RDONLY | O.NONBLOCK | O.NOCTTY | O.CLOEXEC);
  } catch (error) {
    if (error instanceof SyscallError) return '';
    throw error;
  }
  try {
    const pieces: Buffer[] = [];
    for (let size = 0; size < limit; size += pieces.at(-1)?.length ?? 0) {
      const piece = await box.read(fd, 64 << 10);
      if (piece.length === 0) break;
      pieces.push(piece);
    }
    return Buffer.concat(pieces).toString();
  } catch (error) {
    if (error instanceof SyscallError) return '';
    throw error;
  } finally {
    await box.close(fd);
  }
}

/**
 * In the container, where its own files say who its users are, and can lead nobody astray: goes to the working folder, fills in
 * HOME when it is missing, and returns whose ids the process is to have.
 */
export async function enterAs(box: Process, user: string, cwd: string, env: Record<string, string>) {
  const { home, ...ids } = await findUser(box, user);
  env.HOME ||= home;
  await enterFolder(box, cwd);
  // Root it is already; and where a user namespace has one user only, saying so again is refused. user_namespaces(7), setgroups
  return ids.uid === 0 && ids.gid === 0 && ids.additionalGids.length === 0 ? undefined : ids;
}

/** Makes what is missing of a folder, and goes there. config.md, "WorkingDir" */
async function enterFolder(box: Process, path: string): Promise<void> {
  const parts = path.split('/').filter(Boolean);
  for (const i of parts.keys()) {
    await box.mkdir(`/${parts.slice(0, i + 1).join('/')}`, 0o755).catch(error => {
      if (!isErrno(error, 'EEXIST', 'EROFS')) throw error;
    });
  }
  await box.chdir(`/${parts.join('/')}`);
}
