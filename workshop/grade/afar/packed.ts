// One order in a file, carried out: what a pod does. The mark goes to the log.
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '../../errors.ts';
import { toLines } from './lines.ts';
import { BadOrder, carryOut, type Marker, type Order } from './order.ts';

/** The texts of a hundred submissions. */
const largest = 64 << 20;

/** The same bytes for the same order: a gzip header has no time in it here. */
export function pack(order: Order): Buffer {
  return gzipSync(JSON.stringify(order), { level: 9 });
}

/** Prints the mark’s lines; a path of - is standard input. An order that can never be carried out is wrong usage, which nobody should try again. */
export async function markPacked(path: string, marker: Marker, signal: AbortSignal): Promise<void> {
  let order: unknown;
  try {
    order = JSON.parse(gunzipSync(readFileSync(path === '-' ? 0 : path), { maxOutputLength: largest }).toString());
  } catch (error) {
    throw new UserError(`cannot read ${path}: ${(error as Error).message}`, 'it is what `grade --emit` packs', 2);
  }
  try {
    for (const line of toLines(await carryOut(order, marker, signal))) console.log(line);
  } catch (error) {
    if (!(error instanceof BadOrder)) throw error;
    throw new UserError(error.message, 'use an image that was built from the same version', 2);
  }
}
