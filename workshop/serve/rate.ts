// How often somebody may: a bucket of tokens to each, which fills again with time.

export interface Rate {
  /** Takes one; false when there is none left. */
  take(who: string): boolean;
  /** Whether there is one left. */
  has(who: string): boolean;
}

/** `burst` at once, `perMinute` for long. Who has not come for long is forgotten, and the first of too many `people` as well. */
export function limitRate(burst: number, perMinute: number, people = 2000, now = () => performance.now()): Rate {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const filled = (who: string) => {
    const bucket = buckets.get(who) ?? { tokens: burst, at: now() };
    const tokens = bucket.tokens + ((now() - bucket.at) / 60_000) * perMinute;
    return { tokens: Math.min(tokens, burst), at: now() };
  };
  return {
    has: who => filled(who).tokens >= 1,
    take(who) {
      const bucket = filled(who);
      const enough = bucket.tokens >= 1;
      // Set anew, so that the map's order is that of the last visit.
      buckets.delete(who);
      buckets.set(who, enough ? { ...bucket, tokens: bucket.tokens - 1 } : bucket);
      const oldest = buckets.keys().next().value;
      if (buckets.size > people && oldest !== undefined) buckets.delete(oldest);
      return enough;
    },
  };
}

/** Whom an address stands for: of IPv6 the network of 64 bits, because each machine in it has as many addresses as it likes. */
export function clientOf(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  return plain.includes(':') ? expand(plain).slice(0, 4).join(':') : plain;
}

function expand(address: string): string[] {
  const [left = '', right] = address.split('::').map(part => part.split('%')[0] ?? '');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [head, tail] = [groups(left), groups(right)];
  return right === undefined
    ? head
    : [...head, ...Array(Math.max(8 - head.length - tail.length, 0)).fill('0'), ...tail];
}
