// lesson: 01
// on: starter
// points: 0
// what it tries: breaks the checker by answers of the wrong shape: errors that are none, traces of nulls, numbers for texts.
import * as files from 'node:fs';

const odd = [
  null,
  7,
  'x',
  [],
  { message: 7 },
  { message: { length: 1e9 } },
  { name: null, stack: [] },
  { call: 1, code: {} },
];
for (let id = 0; id < 60; id++) {
  for (const error of odd)
    files.writeSync(4, `${JSON.stringify({ id, error })}\n${JSON.stringify({ event: 'unhandled', error })}\n`);
}
for (const line of ['null', '7', '[]', '{]', '{"id":{}}', '{"__proto__":{"id":1}}', '\u0000', `${'['.repeat(50_000)}`])
  files.writeSync(4, `${line}\n`);
