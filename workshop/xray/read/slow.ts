// Places behind which stands a program or another machine: to look into one may take for ever, and a container can have such a place
// on purpose.
import type { Mount } from '#linux';

const elsewhere = /^(fuse|nfs|cifs|smb|9p|ceph|afs|gluster|lustre|virtiofs|autofs)/;

export const isSlow = ({ type }: Mount) => elsewhere.test(type);

/** Whether the way to a path, as the process with these mounts has it, leads through such a place. */
export function slowPlaces(list: Mount[]): (path: string) => boolean {
  const points = list.filter(isSlow).map(({ mountPoint }) => mountPoint);
  return path => points.some(point => point === '/' || path === point || path.startsWith(`${point}/`));
}
