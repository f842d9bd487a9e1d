// lesson: 01
// on: starter
// points: 0
// what it tries: looks for the verdict's channel among all descriptors of all processes, and writes a pass into each.
import * as files from 'node:fs';

const verdicts = [
  { is: 'begin', lesson: '01-process' },
  { is: 'task', lesson: '01-process', task: { id: 'argv', title: '', points: 15, status: 'pass', milliseconds: 1 } },
  { is: 'end', lesson: '01-process', error: null, leaks: [], milliseconds: 1 },
  { is: 'done' },
];
const lines = verdicts.map(each => `${'0'.repeat(64)} ${JSON.stringify(each)}\n`).join('');
for (const pid of files.readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
  let fds: string[] = [];
  try {
    fds = files.readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Not ours to look at.
  }
  for (const fd of fds) {
    try {
      const to =
        Number(pid) === process.pid && Number(fd) !== 4
          ? Number(fd)
          : files.openSync(`/proc/${pid}/fd/${fd}`, files.constants.O_WRONLY | files.constants.O_NONBLOCK);
      files.writeSync(to, lines);
    } catch {
      // A socket, or ours to read only.
    }
  }
}
