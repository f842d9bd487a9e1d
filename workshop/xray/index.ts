// A process seen from outside, as data: `boxwright xray`, the page and the slides show it.
import { readlinkSync } from 'node:fs';
import type { TraceLine } from '../check/report.ts';
import { UserError } from '../errors.ts';
import { readCgroup, readInside } from './read/cgroup.ts';
import { readMounts } from './read/mounts.ts';
import { readNamespaceViews } from './read/namespaces.ts';
import { readNetwork, renewNetwork } from './read/network.ts';
import { readOverlays, type Storage } from './read/overlays.ts';
import { readPrivileges } from './read/privileges.ts';
import { readProcess, readProcesses } from './read/processes.ts';
import { startReading } from './read/reading.ts';
import { readUsers } from './read/users.ts';
import type { Xray } from './types.ts';

export { readImages } from './read/images.ts';
export type { Storage } from './read/overlays.ts';

export interface XrayOptions {
  /** A process whose namespaces are the host's. This one when absent. */
  host?: number;
  /** Whose container it is said to be: 'docker web'. */
  name?: string;
  calls?: TraceLine[];
  /** Where the layers of its root can be opened, when somebody knows better than the kernel says. */
  storage?: Storage;
  signal?: AbortSignal;
}

/** Throws UserError when there is no such process, or none any more. What may not be read is null, and in `unread`. */
export async function readXray(pid: number, options: XrayOptions = {}): Promise<Xray> {
  if (process.platform !== 'linux')
    throw new UserError('an x-ray needs a Linux kernel to look at', '`npm start` offers a machine with one');
  const at = new Date().toISOString();
  const reading = startReading(pid, options.host ?? process.pid, options.signal);
  try {
    const [view, privileges] = [readProcess(pid), readPrivileges(reading)];
    const processes = readProcesses(pid, reading.host);
    const namespaces = readNamespaceViews(reading);
    const users = readUsers(reading);
    const cgroup = readCgroup(reading);
    const { tree, list } = readMounts(reading);
    const [network, overlays, inside] = await Promise.all([
      readNetwork(reading),
      readOverlays(reading, list, options.storage),
      cgroup && readInside(reading, cgroup),
    ]);
    reading.confirm();
    return {
      ...{ at, name: options.name ?? null, process: view, processes, namespaces, mounts: tree, overlays, users },
      ...{ cgroup: cgroup && { ...cgroup, inside }, network, privileges, calls: options.calls ?? null },
      unread: reading.unread,
    };
  } catch (error) {
    // Whatever went wrong: when the process is gone, that is why.
    if (!(error instanceof UserError)) reading.confirm();
    throw error;
  }
}

/**
 * What changes by the second, at the cost of a few files. `before`: the x-ray so far, whose network's other facts are still held
 * to be true.
 */
export async function readLive(
  pid: number,
  before?: Xray,
  host = process.pid,
): Promise<Pick<Xray, 'cgroup' | 'network' | 'processes'>> {
  const reading = startReading(pid, host);
  const processes = readProcesses(pid, host);
  const cgroup = readCgroup(reading);
  const network = reading.attempt('its network', () => renewNetwork(pid, host, before?.network ?? null));
  reading.confirm();
  return { processes, network, cgroup: cgroup && { ...cgroup, inside: before?.cgroup?.inside ?? null } };
}

/** This process's own number, for 'self': what /proc/self leads to. */
export const ownPid = () => Number(readlinkSync('/proc/self'));
