// A mark as lines of a log, for where a log is the one thing that comes back for nothing. The lines are found among others, in any order, with
// something before them, and twice; what is cut is not found. Nobody but the marker writes to that log: what a submission says stays in its machine.
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Mark } from '../types.ts';

/** Short enough for every log's idea of a line: containerd and CRI-O cut at 16 KiB. */
const width = 8000;
/** A mark of a class's largest submission is a few hundred kilobytes. */
const largest = 64 << 20;

/** `boxwright-mark KEY DIGEST 1/3 BASE64`. */
export function toLines(mark: Mark): string[] {
  const text = gzipSync(JSON.stringify(mark)).toString('base64');
  const pieces = text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  const name = `boxwright-mark ${mark.key} ${digestOf(text)}`;
  return pieces.map((piece, i) => `${name} ${i + 1}/${pieces.length} ${piece}`);
}

/** By key; of several marks the last that is whole. What a line says is not believed: see answer.ts. */
export function fromLines(log: string): Map<string, unknown> {
  const parts = new Map<string, { key: string; count: number; pieces: string[] }>();
  const line = /boxwright-mark (\S{1,200}) ([0-9a-f]{64}) (\d{1,6})\/(\d{1,6}) ([A-Za-z0-9+/=]+)/g;
  for (const [, key = '', digest = '', number, count, piece = ''] of log.matchAll(line)) {
    const part = parts.get(digest) ?? { key, count: Number(count), pieces: [] };
    part.pieces[Number(number) - 1] = piece;
    parts.set(digest, part);
  }
  const marks = new Map<string, unknown>();
  for (const [digest, { key, count, pieces }] of parts) {
    const text = pieces.join('');
    if (Object.keys(pieces).length !== count || digestOf(text) !== digest) continue;
    marks.set(key, JSON.parse(gunzipSync(Buffer.from(text, 'base64'), { maxOutputLength: largest }).toString()));
  }
  return marks;
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
