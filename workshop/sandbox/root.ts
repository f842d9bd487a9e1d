// The sandbox's root: a copy of the host's in which everything may be changed, and nothing is. Built from what the learner
// builds: lesson 03's /dev, lesson 04's layers, lesson 05's pivot.
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MS, O, type Process, readMountinfo, SyscallError } from '#linux';
import { baseRootfs, cache, home } from '../paths.ts';
import { limits } from './limits.ts';
import { mountDev, mountLayers, pivotRoot } from './reference.ts';
import { keepPrograms, showOnly } from './shows.ts';
import { stateFolder } from './state.ts';
import { mountShifted, openUserNamespace, type Users } from './users.ts';

/** Made anew in the sandbox; the host's stays out of it. */
const own = ['/proc', '/sys', '/dev', '/run'];

/** Where the copy is put together; only a mount point, in the sandbox's own mount namespace. */
const stage = `${cache}/sandbox`;

/**
 * Puts the root together and moves the process into it. As root this happens before the process has a user namespace, since
 * only the machine's root may overlay its `/`; as an ordinary user in one, where each top folder is overlaid apart.
 */
export async function enterCopy(box: Process, users: Users, shows?: string[]): Promise<void> {
  const rootful = users.count > 1;
  mkdirSync(stage, { recursive: true });
  await box.mount('boxwright', stage, 'tmpfs', 0, `size=${limits.disk},mode=755`);
  const namespace = rootful ? await openUserNamespace(box, users) : -1;

  const root = rootful ? await overlay(box, '/', `${stage}/root`, namespace, users) : await emptyRoot(box);
  for (const [i, folder] of foldersToCopy(rootful).entries()) {
    if (shows && `${folder}/`.startsWith(`${home}/`)) continue;
    const target = `${root}${folder}`;
    await makeFolders(box, root, folder);
    const merged = await overlay(box, folder, `${stage}/${i}`, namespace, users);
    await box.mount(merged, target, null, MS.MOVE);
  }

  if (shows) {
    await showOnly(box, root, shows);
    await keepPrograms(box, root);
  }

  await mountDev(box, root);
  // A machine's root can write there: syslogd makes /dev/log.
  if (rootful) await box.chown(`${root}/dev`, users.base, users.base);
  for (const name of ['/dev/fuse', '/dev/net/tun']) await bindDevice(box, root, name);
  // The kernel allows a new /proc or /sys in a user namespace only where one can be seen: these, below the new ones.
  await box.mount('/proc', `${root}/proc`, null, rootful ? MS.BIND : MS.BIND | MS.REC);
  await box.mount('/sys', `${root}/sys`, null, rootful ? MS.BIND : MS.BIND | MS.REC);

  if (namespace >= 0) await box.close(namespace);
  await pivotRoot(box, root);
}

/**
 * The base image, as a folder of its own that may be ruined: copied by the sandbox's root, so that it owns it. All folders
 * and links, hundreds of them, go over the wire in one frame.
 */
export async function copyImage(box: Process): Promise<void> {
  const images = `${stateFolder}/images`;
  const entries = readdirSync(baseRootfs, { recursive: true, withFileTypes: true })
    .map(entry => ({ entry, path: `${entry.parentPath}/${entry.name}`.slice(baseRootfs.length) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  await box.together(() => {
    for (const path of [stateFolder, `${stateFolder}/containers`, images, `${images}/base`]) box.mkdir(path, 0o755);
    for (const { entry, path } of entries) {
      if (entry.isDirectory()) box.mkdir(`${images}/base${path}`, 0o755);
      if (entry.isSymbolicLink()) box.symlink(readlinkSync(baseRootfs + path), `${images}/base${path}`);
    }
  });
  for (const { entry, path } of entries) {
    if (entry.isFile()) await copyFile(box, baseRootfs + path, `${images}/base${path}`);
  }
  await box.chmod(`${images}/base/tmp`, 0o1777);
  await box.chmod(`${images}/base/root`, 0o700);
}

async function copyFile(box: Process, from: string, to: string): Promise<void> {
  const { mode, size } = statSync(from);
  const source = await box.open(from);
  const target = await box.open(to, O.WRONLY | O.CREAT | O.EXCL, mode & 0o7777);
  await box.syscall('sendfile', target, source, null, size);
  await box.close(source);
  await box.close(target);
}

/** One folder of the host, copied on write. */
async function overlay(box: Process, folder: string, place: string, namespace: number, users: Users): Promise<string> {
  await box.mkdir(place, 0o755);
  const shifted = `${place}/lower`;
  await box.mkdir(shifted, 0o755);
  const lower = namespace >= 0 && (await mountShifted(box, folder, shifted, namespace)) ? shifted : folder;
  try {
    const merged = await mountLayers(box, [lower], place, namespace >= 0 ? 'xino=off' : 'userxattr');
    if (namespace >= 0) await giveAway(box, merged, folder, lower === shifted, users);
    await box.chmod(merged, statSync(folder).mode & 0o7777);
    return merged;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    // A file system that cannot be a lower layer, or other mounts in it that may not be uncovered: to be read, then.
    await box.mount(folder, `${place}/merged`, null, MS.BIND | MS.REC);
    return `${place}/merged`;
  }
}

/**
 * The new upper layer belongs to the machine's root; here it shall be the sandbox's. Where owners could not be shifted, so
 * shall the folders that lead to the workshop, and those that one expects to write in.
 */
async function giveAway(
  box: Process,
  merged: string,
  folder: string,
  shifted: boolean,
  { base }: Users,
): Promise<void> {
  await box.chown(merged, base, base);
  if (shifted) return;
  const wanted = ['/etc', '/home', '/root', '/tmp', '/usr/local', '/var', '/var/lib', '/var/tmp', ...ancestors(home)];
  for (const path of wanted) {
    if (path.startsWith(folder) && existsSync(path) && !lstatSync(path).isSymbolicLink()) {
      await box.chown(merged + path.slice(folder === '/' ? 0 : folder.length), base, base).catch(() => {});
    }
  }
}

/** '/a/b/c' → ['/a', '/a/b', '/a/b/c'] */
function ancestors(path: string): string[] {
  const parents = dirname(path) === '/' ? [] : ancestors(dirname(path));
  return [...parents, path];
}

/** Real file systems mounted below `/` that hold programs or people's files; as an ordinary user also each top folder. */
function foldersToCopy(rootful: boolean): string[] {
  const disks = 'ext[234]|xfs|btrfs|zfs|f2fs|bcachefs|overlay|tmpfs';
  const shares = 'hostfs|9p|virtiofs|nfs4?|fuse\\..*|vboxsf|vmhgfs|prl_fs|cifs|smb3|fakeowner';
  const real = new RegExp(`^(${disks}|${shares})$`);
  const wanted = /^\/(bin|etc|home|lib|opt|root|sbin|srv|tmp|usr|var)(\/|$)/;
  const mounted = readMountinfo('self')
    .filter(mount => mount.mountPoint !== '/' && real.test(mount.type))
    // The workshop's own folder too, wherever it is, and what is mounted in it: node_modules, in a machine that shares it.
    .filter(({ mountPoint: at }) => wanted.test(at) || `${home}/`.startsWith(`${at}/`) || at.startsWith(`${home}/`))
    .map(mount => mount.mountPoint);
  return [...new Set(rootful ? mounted : [...topFolders(), ...mounted])].filter(folder => !own.includes(folder)).sort();
}

function topFolders(): string[] {
  return readdirSync('/', { withFileTypes: true })
    .filter(entry => entry.isDirectory() && canEnter(`/${entry.name}`))
    .map(entry => `/${entry.name}`);
}

function canEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** An ordinary user's root: a folder of the tmpfs with the host's top links; its folders are overlaid one by one. */
async function emptyRoot(box: Process): Promise<string> {
  const root = `${stage}/root`;
  await box.mkdir(root, 0o755);
  for (const folder of own) await box.mkdir(root + folder, 0o755);
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    // One that this user must not enter (/root) is an empty one of its own.
    if (entry.isDirectory() && !canEnter(`/${entry.name}`)) await box.mkdir(`${root}/${entry.name}`, 0o755);
    if (entry.isSymbolicLink()) await box.symlink(readlinkSync(`/${entry.name}`), `${root}/${entry.name}`);
  }
  return root;
}

async function makeFolders(box: Process, root: string, folder: string): Promise<void> {
  for (const path of ancestors(folder)) {
    await box.mkdir(root + path, 0o755).catch(error => {
      // EROFS, EACCES: the mount that follows says it better.
      if (!(error instanceof SyscallError)) throw error;
    });
  }
}

async function bindDevice(box: Process, root: string, path: string): Promise<void> {
  if (!existsSync(path)) return;
  if (dirname(path) !== '/dev') await box.mkdir(root + dirname(path), 0o755);
  await box.mknod(root + path);
  await box.mount(path, root + path, null, MS.BIND);
}
