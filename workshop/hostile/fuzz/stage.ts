// In the sandbox: the fuzzer's inputs, one after the other, until the time is over. Most of them only go through the reader, which
// takes a fraction of a millisecond; some are images that are unpacked. Prints what went wrong, a line of JSON each.
//
//   node fuzz/stage.ts USER < { "seed", "from", "step", "seconds", "least" }
import { json } from 'node:stream/consumers';
import { changedSince } from '../canary.ts';
import { faultsOf, judge } from '../judge.ts';
import { Victim } from '../watch.ts';
import { input } from './inputs.ts';

/** Inputs of one task of the reader's. */
const batch = 500;

export interface Order {
  seed: number;
  from: number;
  step: number;
  seconds: number;
  /** So many images at least, however long they take. */
  least: number;
}

export interface Found {
  /** The seed and the number of an input, or of the first of a batch. */
  name: string;
  faults: string[];
  /** The layers, as base64. */
  layers: string[];
}

export interface Count {
  images: number;
  archives: number;
  refused: number;
}

const { seed, from, step, seconds, least } = (await json(process.stdin)) as Order;
const victim = new Victim(Number(process.argv[2]));
const start = new Date();
const end = performance.now() + seconds * 1000;
const count: Count = { images: 0, archives: 0, refused: 0 };
const tell = (found: Found | Count) => console.log(JSON.stringify(found));

for (let n = from; performance.now() < end || count.images < least; n += step) {
  const each = input(seed, n);
  const { faults, ended } = await judge(each, victim);
  count.images++;
  if (ended !== 'harmless') count.refused++;
  if (faults.length > 0) {
    const layers = each.kind === 'layer' ? each.layers() : [];
    const bytes = layers.map(layer => (layer instanceof Uint8Array ? layer : layer.bytes));
    tell({
      name: each.name,
      faults: [...faults, `it ended so: ${ended}`],
      layers: bytes.map(each => Buffer.from(each).toString('base64')),
    });
  }
  if (count.images % 20 > 0) continue;
  const outcome = await victim.perform({ seed, from: n * batch, count: batch });
  const wrong = faultsOf(outcome, 'either');
  count.archives += batch;
  if (wrong.length > 0) tell({ name: `seed ${seed}, archives from ${n * batch}`, faults: wrong, layers: [] });
}
victim.end();
const changed = changedSince(start);
if (changed.length > 0) tell({ name: `seed ${seed}`, faults: changed.map(path => `changed: ${path}`), layers: [] });
tell(count);
