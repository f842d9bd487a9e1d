// Chance that can be had again: the same seed, the same class.

export interface Chance {
  /** From 0 up to 1, without 1. */
  next(): number;
  pick<T>(from: readonly T[]): T;
  shuffle<T>(all: readonly T[]): T[];
}

/** mulberry32: 32 bits of state are plenty for a class. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw new RangeError('nothing to pick from');
    return from[Math.floor(next() * from.length)] as T;
  };
  const shuffle = <T>(all: readonly T[]): T[] => {
    const rest = [...all];
    return all.map(() => rest.splice(Math.floor(next() * rest.length), 1)[0] as T);
  };
  return { next, pick, shuffle };
}
