// lesson: 01
// on: starter
// points: 0
// seconds: 25
// what it tries: one answer of hundreds of megabytes without an end, so that the checker runs out of memory.
import * as files from 'node:fs';

const much = Buffer.alloc(1 << 20, 0x61);
files.writeSync(4, '{"id":1,"value":"');
for (let sent = 0; sent < 400; sent++) {
  for (let at = 0; at < much.length; ) {
    try {
      at += files.writeSync(4, much, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') process.exit(0);
    }
  }
}
