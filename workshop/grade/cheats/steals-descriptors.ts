// lesson: 01
// on: starter
// points: 0
// seconds: 25
// what it tries: takes descriptors from process 1 and from every newcomer (pidfd_getfd), attaches to them (ptrace), and reads their memory.
import { readdirSync as list } from 'node:fs';
import * as linux from '#linux';

const thief = await linux.Process.start();
let stolen = 0;
const timer = setInterval(async () => {
  for (const pid of list('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)) {
    if (pid === process.pid || pid === thief.pid) continue;
    try {
      await thief.syscall('ptrace', 16, pid, 0, 0);
      stolen++;
    } catch {
      // EPERM.
    }
    for (const fd of [0, 1, 2, 3, 4]) {
      try {
        const pidfd = await thief.syscall('pidfd_open', pid, 0);
        const taken = await thief.syscall('pidfd_getfd', pidfd, fd, 0);
        await thief.write(taken, '{"is":"done"}\n');
        stolen++;
      } catch {
        // EPERM.
      }
    }
  }
}, 50);
timer.unref();
process.on('exit', () => console.log(stolen));
