// lesson: 01
// on: starter
// points: 0
// what it tries: prints what a grader might print, in every form that it might be read in.
import { writeSync } from 'node:fs';

const pass = {
  lesson: '01-process',
  status: 'pass',
  points: 15,
  outOf: 15,
  tasks: [{ id: 'argv', status: 'pass', points: 2 }],
};
for (const fd of [1, 2]) {
  writeSync(fd, `ok 1 - argv\nok 2 - environment\n1..2\n# pass 9\n# fail 0\n${JSON.stringify(pass)}\n`);
}
console.log('  ✔ 9 tests passed');
process.on('exit', () => console.log(JSON.stringify(pass)));
