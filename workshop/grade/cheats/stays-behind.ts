// lesson: 01
// on: solution
// points: 15
// status: fail
// what it tries: does the lesson, and leaves processes behind that wait for the next one's sandbox.
import { spawn } from 'node:child_process';

for (let i = 0; i < 3; i++) {
  const script = 'trap "" TERM HUP INT; sleep 1000000; :';
  spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
}
