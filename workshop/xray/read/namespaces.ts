// Its namespaces, beside the host's, and how many others are in each. namespaces(7)
import { type NamespaceKind, readNamespace } from '#linux';
import type { NamespaceView } from '../types.ts';
import { allPids } from './processes.ts';
import type { Reading } from './reading.ts';

/** In the order of `unshare --help`. */
const kinds: NamespaceKind[] = ['mnt', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user', 'time'];

export function readNamespaceViews({ pid, host, attempt }: Reading): NamespaceView[] {
  const read = (of: number, kind: NamespaceKind) => {
    try {
      return readNamespace(of, kind);
    } catch {
      return null;
    }
  };
  const pids = allPids();
  return kinds.flatMap(kind => {
    // A kernel before 5.6 has no time namespaces.
    if (kind === 'time' && read(process.pid, kind) === null) return [];
    const inode = attempt(`the ${kind} namespace`, () => readNamespace(pid, kind));
    if (inode === null) return [];
    const theirs = read(host, kind);
    const members = pids.filter(each => read(each, kind) === inode).length;
    return [{ kind, inode, host: theirs, own: theirs !== null && theirs !== inode, members }];
  });
}
