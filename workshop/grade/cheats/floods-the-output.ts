// lesson: 01
// on: starter
// points: 0
// seconds: 25
// what it tries: says so much that whoever writes it down is full.
import { spawn } from 'node:child_process';
import * as files from 'node:fs';

for (const fd of [1, 2] as const)
  spawn('/bin/sh', ['-c', `exec cat /dev/zero >&${fd}`], { stdio: 'inherit' }).on('error', () => {});
for (let i = 0; i < 200; i++) {
  try {
    files.writeSync(1, 'passed '.repeat(10_000));
  } catch {
    // Nobody keeps up.
  }
}
