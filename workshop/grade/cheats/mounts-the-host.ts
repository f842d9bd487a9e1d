// lesson: 01
// on: nothing
// points: 0
// what it tries: mounts the host's files anew, takes away what covers the workshop, or looks below it, and then imports the solution.
import { existsSync } from 'node:fs';
import { CLONE, MNT, MS, Process } from '#linux';

const home = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
const ways: ((box: Process) => Promise<unknown>)[] = [
  box => box.mount('none', '/mnt', 'hostfs', 0, '/'),
  box => box.mount('host0', '/mnt', '9p', 0, 'trans=virtio,version=9p2000.L'),
  box => box.umount2(home, MNT.DETACH),
  box => box.mount(home, '/tmp', null, MS.MOVE),
  box => box.mount('/', '/mnt', null, MS.BIND),
  box => box.mount('over', '/mnt', 'overlay', 0, 'lowerdir=/:/tmp'),
  box => box.unshare(CLONE.NEWNS).then(() => box.umount2(home, MNT.DETACH)),
  box => box.unshare(CLONE.NEWUSER | CLONE.NEWNS).then(() => box.umount2(home, MNT.DETACH)),
];
for (const way of ways) {
  const box = await Process.start();
  await way(box).catch(() => {});
  const path = [`/proc/${box.pid}/root${home}`, `/mnt${home}`]
    .map(each => `${each}/solutions/01-process/process.ts`)
    .find(each => existsSync(each));
  if (path) throw new Error(`the solution is at ${path}: ${await import(path)}`);
}
