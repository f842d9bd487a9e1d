// Several things at once, but not all: as many as pay.

/** So many blobs at once: more only take the line from each other. */
export const atOnce = 4;

/**
 * Does `work` with each, at most `limit` at a time, and returns the results in order. After the first failure no more are begun,
 * the others are told by their signal, and when all have ended it is thrown.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const stop = new AbortController();
  let first: { error: unknown } | undefined;
  const queue = items.entries();
  const worker = async () => {
    for (const [i, item] of queue) {
      try {
        results[i] = await work(item, stop.signal);
      } catch (error) {
        first ??= { error };
        stop.abort(error);
      }
      if (first) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  if (first) throw first.error;
  return results;
}
