// What the fuzzer feeds: images whose archives or documents are odd. The same seed and number, the same input.
import { gzipSync } from 'node:zlib';
import { digestOf } from '#images';
import { type DocumentCase, gzipped, type LayerCase } from '../case.ts';
import type { Document, Edits } from '../layout.ts';
import { archive } from './archives.ts';
import { type Below, oneOf, random } from './random.ts';

const values = [
  null,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  '',
  'x',
  '../..',
  [],
  {},
  [null],
  true,
  'sha256:../../etc/passwd',
  { length: 1 },
  '\x1b[2J',
  'a\0b',
];

/** Takes a value somewhere in a document away, or puts another there. */
function bend(document: Document, below: Below): void {
  let at = document;
  for (let depth = 0; depth < 6; depth++) {
    const found = Object.keys(at ?? {});
    if (found.length === 0) return;
    const key = oneOf(below, found);
    if (typeof at[key] === 'object' && at[key] !== null && below(4) > 0) {
      at = at[key];
      continue;
    }
    const kind = below(4);
    if (kind === 0) delete at[key];
    // A copy, which may be bent in its turn without being bent for the next document, or put into itself.
    else at[kind === 1 ? '__proto__x' : key] = structuredClone(oneOf(below, values));
    return;
  }
}

function scratch(text: string, below: Below): string {
  const at = below(text.length);
  return [
    text.slice(0, at),
    text.slice(0, at) +
      oneOf(below, ['"', '{', ']', '\\', ',', '\u0000', '9', '-', '\ud800']) +
      text.slice(at + below(2)),
    text.slice(0, at) + text.slice(at + 1 + below(20)),
  ][below(3)] as string;
}

function edits(below: Below): Edits {
  const edit = (document: Document) => {
    for (let times = below(3); times >= 0; times--) bend(document, below);
    return below(3) === 0 ? scratch(JSON.stringify(document), below) : undefined;
  };
  return { [oneOf(below, ['index', 'manifest', 'config', 'oci-layout'] as const)]: edit };
}

/** The input of that number: layers, or documents. */
export function input(seed: number, n: number): LayerCase | DocumentCase {
  const below = random(seed, n);
  const common = { name: `seed ${seed}, input ${n}`, intent: 'Whatever it may be.', expect: 'either' as const };
  if (below(5) === 0) return { kind: 'document', ...common, edits: edits(below) };
  const layers = Array.from({ length: 1 + below(3) }, () => archive(below)).map(bytes =>
    below(8) === 0 ? gzipped(gzipSync(bytes), { diffId: digestOf(bytes) }) : { bytes },
  );
  return { kind: 'layer', ...common, layers: () => layers };
}
