// What is done to documents, in a table: how, how it has to end, the change, and what it is up to.
import { digestOf } from '#images';
import type { DocumentCase, Expected } from '../case.ts';
import type { Document, Edits } from '../layout.ts';

/** A digest of a blob that is not there. */
export const secret = digestOf('somebody else’s blob');
export const sequence = '\x1b[2J\x1b]0;owned\x07\nbox: all is well\r';

/** A change to a document in place. */
export const set = (path: string, value: unknown) => (document: Document) => {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  keys.reduce((at, key) => at[key], document)[last] = value;
};
export const remove = (path: string) => (document: Document) => {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  delete keys.reduce((at, key) => at[key], document)[last];
};
/** Not a document at all. */
export const text = (content: string | Uint8Array) => () => content;
export const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);

export type Row = [how: string, expect: Expected, edit: (document: Document) => unknown, intent: string];

export const rows = (name: keyof Edits, list: Row[]): DocumentCase[] =>
  list.map(([how, expect, edit, intent]) => ({
    ...{ kind: 'document' as const, name: `${name}: ${how}`, intent, expect, edits: { [name]: edit } },
    ...(/escapes in a name/.test(how) && { reference: 'another' }),
  }));
