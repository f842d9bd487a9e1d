// Times as a board says them: short, and no more exact than they are worth.
import type { Row } from './board.ts';

/** '' for null, '40 s', '7 min', '3 h', '2 d'. */
export function age(seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 36 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** Under a minute nobody is stuck. */
export function stuckWords({ state, stuck }: Pick<Row, 'state' | 'stuck'>): string {
  if (state === 'done' || state === 'new' || stuck < 60) return '';
  return age(stuck);
}
