// Who is whose child: what the handle asks /proc, so that it signals the right process and no other.
import { readChildren, readStatus } from './proc.ts';

/** The child's pid for this process. `pid` is what its parent calls it: something else when that is in a pid namespace. */
export function translatePid(parent: number, pid: number): number {
  const depth = nsPids(parent).length;
  if (depth <= 1) return pid;
  return readChildren(parent).find(child => nsPids(child)[depth - 1] === pid) ?? pid;
}

function nsPids(pid: number): number[] {
  try {
    return readStatus(pid).nsPids;
  } catch {
    return [];
  }
}

/** Whether `pid` is still the process that we know: its line of parents leads to `ancestor`. */
export function isDescendant(pid: number, ancestor: number): boolean {
  for (let at = pid; at > 1; ) {
    if (at === ancestor) return true;
    try {
      at = readStatus(at).parent;
    } catch {
      return false;
    }
  }
  return false;
}
