// lesson: 01
// on: starter
// points: 0
// seconds: 25
// what it tries: gives every object a status, a value and an id, here and by way of JSON in the checker.
import * as files from 'node:fs';

Object.assign(Object.prototype, { status: 'pass', points: 15, value: { $box: 0, pid: 1 }, code: 0 });
Array.prototype.filter = function <T>(this: T[]) {
  return this;
} as never;
JSON.stringify = () => '{"id":1,"value":{"$box":0,"pid":1}}';
files.writeSync(4, '{"__proto__":{"status":"pass"},"constructor":{"prototype":{"status":"pass"}},"id":1}\n');
