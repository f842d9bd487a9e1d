// Numbers that look random, and are the same for the same seed.

/** A whole number from 0 up to, and without, the limit. */
export type Below = (limit: number) => number;

/** mulberry32. The `n`th of the seed's inputs has numbers of its own. */
export function random(seed: number, n: number): Below {
  let state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b);
  return limit => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

export const oneOf = <T>(below: Below, list: readonly T[]): T => list[below(list.length)] as T;
