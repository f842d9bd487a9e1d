// Medians, and tables of them.

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/**
 * Runs the contenders in turn, round by round, so that a noisy moment falls on all of them. Milliseconds, in order. `before`
 * each, unmeasured.
 */
export async function inTurn(
  rounds: number,
  contenders: Record<string, () => Promise<unknown>>,
  before: () => Promise<unknown> = async () => {},
) {
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(contenders).map(name => [name, []]));
  // One round unmeasured: caches, and the just-in-time compiler.
  for (const run of Object.values(contenders)) await run();
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      await before();
      const begun = performance.now();
      await run();
      times[name]?.push(performance.now() - begun);
    }
  }
  return times;
}

/** Columns as wide as their widest cell; numbers to the right. */
export function table(head: string[], rows: (string | number)[][]): string {
  const cells = [
    head,
    ...rows.map(row => row.map(cell => (typeof cell === 'number' ? cell.toFixed(cell < 10 ? 2 : 1) : cell))),
  ];
  const widths = head.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)));
  return cells
    .map(
      row =>
        `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ')}`,
    )
    .join('\n');
}
