// Two traces laid beside each other so that as much as possible agrees, and in order. Pure.
import type { TraceLine } from '../check/report.ts';

export interface Pair {
  /** ' ' the same in both, '~' the same call with other arguments or another result, '+' only mine, '-' only the reference's. */
  mark: ' ' | '~' | '+' | '-';
  mine: TraceLine | null;
  reference: TraceLine | null;
}

/** The alignment of the highest sum of likenesses, found as the longest common subsequence is. */
export function align(mine: TraceLine[], reference: TraceLine[]): Pair[] {
  const chance = chanceNames(mine, reference);
  const likeness = mine.map(a => reference.map(b => alike(a, b, chance)));
  // best[i][j]: the highest sum for what follows mine[i] and reference[j].
  const best = Array.from({ length: mine.length + 1 }, () => new Array<number>(reference.length + 1).fill(0));
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  const like = (i: number, j: number) => likeness[i]?.[j] ?? 0;
  for (let i = mine.length - 1; i >= 0; i--) {
    for (let j = reference.length - 1; j >= 0; j--) {
      const together = like(i, j) > 0 ? like(i, j) + at(i + 1, j + 1) : 0;
      (best[i] as number[])[j] = Math.max(at(i + 1, j), at(i, j + 1), together);
    }
  }

  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < mine.length || j < reference.length) {
    const [a, b] = [mine[i] ?? null, reference[j] ?? null];
    if (a && b && like(i, j) > 0 && at(i, j) === like(i, j) + at(i + 1, j + 1)) {
      pairs.push({ mark: like(i, j) === same ? ' ' : '~', mine: a, reference: b });
      i++;
      j++;
    } else if (b && (!a || at(i, j + 1) >= at(i + 1, j))) {
      pairs.push({ mark: '-', mine: null, reference: b });
      j++;
    } else {
      pairs.push({ mark: '+', mine: a, reference: null });
      i++;
    }
  }
  return pairs;
}

const same = 8;

/** Of the same name: the same in all, the same in what is acted on, or in neither. Calls of different names are never a pair. */
function alike(a: TraceLine, b: TraceLine, chance: (text: string) => string): number {
  if (a.name !== b.name) return 0;
  const [left, right] = [splitArguments(chance(a.text)), splitArguments(chance(b.text))];
  if (left.join() === right.join()) return a.code === b.code ? same : same - 1;
  return left.slice(0, 2).join() === right.slice(0, 2).join() ? 5 : 2;
}

function splitArguments(text: string): string[] {
  const inside = /^[^(]*\((.*?)\)(?: = .*)?$/s.exec(text)?.[1] ?? text;
  return inside.match(/"(?:[^"\\]|\\.)*"|[^,\s][^,]*/g) ?? [];
}

/** Names made by chance, such as mkdtemp's, differ in every run and mean nothing: those in only one of the traces are as one. */
function chanceNames(mine: TraceLine[], reference: TraceLine[]): (text: string) => string {
  const words = (trace: TraceLine[]) => new Set(trace.flatMap(({ text }) => text.match(word) ?? []));
  const [ours, theirs] = [words(mine), words(reference)];
  const mask = (found: string) => (madeByChance(found) && ours.has(found) !== theirs.has(found) ? '*' : found);
  return text => text.replace(/\/proc\/\d+/g, '/proc/*').replace(word, mask);
}

const word = /[\w.-]+/g;

/** 'box-7f3a' or 'aB3xYz', and no size such as '65536k'. */
function madeByChance(found: string): boolean {
  if (/^\d+[kmg]$/i.test(found)) return false;
  return /-[0-9a-f]{4,}$/.test(found) || /^(?:.*-)?(?=[^-]*[a-z])(?=[^-]*[A-Z0-9])[A-Za-z0-9]{6,}$/.test(found);
}
