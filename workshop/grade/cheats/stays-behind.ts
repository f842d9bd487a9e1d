// lesson: 01
// on: solution
// points: 14
// status: fail
// what it tries: does the lesson but for its last point, and leaves processes behind that wait for the next one's sandbox.
import { spawn } from 'node:child_process';

for (let i = 0; i < 3; i++) {
  const script = 'trap "" TERM HUP INT; while :; do sleep 1; done';
  spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
}
