// lesson: 01
// on: starter
// then: 02 starter
// points: 0
// what it tries: writes a pass for the next lesson wherever that might look: its file, its earlier lessons, its image, its wire.
import { mkdirSync, writeFileSync } from 'node:fs';

const home = new URL('../../', import.meta.url).pathname;
const text = 'export const contain = async () => ({ $box: 0, pid: 1 });\n';
const places = [
  'lessons/02-chroot/chroot.ts',
  'solutions/01-process/process.ts',
  'lessons/01-process/process.ts',
  'linux/index.ts',
];
for (const path of [
  ...places.map(each => home + each),
  '/run/boxwright/lesson.ts',
  '/run/boxwright/images/base/bin/sleep',
  '/tmp/lesson.ts',
]) {
  try {
    mkdirSync(path.replace(/\/[^/]*$/, ''), { recursive: true });
    writeFileSync(path, text);
  } catch {
    // Not to be written.
  }
}
