// Numbers and lists as people say them, the same in drawings and in their words.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** 1.2 MiB */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 9.95 || unit === 0 ? Math.round(value) : value.toFixed(1).replace('.0', '')} ${units[unit]}`;
}

/** 340 ms, 2.5 s, 4 min, 3 h, 2 days */
export function seconds(count: number): string {
  if (count < 0.9995) return `${Math.round(count * 1000)} ms`;
  if (count < 99.5) return `${count < 9.95 ? count.toFixed(1).replace('.0', '') : Math.round(count)} s`;
  if (count < 5400) return `${Math.round(count / 60)} min`;
  return count < 172_800 ? `${Math.round(count / 3600)} h` : `${Math.round(count / 86_400)} days`;
}

/** 1234567 → 1.2 million; up to six digits as they are. */
export function number(count: number): string {
  if (Math.abs(count) < 1e6) return String(Math.round(count * 100) / 100);
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} million` : `${(count / 1e9).toFixed(1)} billion`;
}

/** 0.25 CPUs, 1 CPU */
export const cpus = (count: number): string =>
  `${Math.round(count * 100) / 100} CPU${Math.round(count * 100) === 100 ? '' : 's'}`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** a, b and c */
export function list(words: string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** The last of a path's names: for a heading. */
export const baseOf = (path: string): string => path.split('/').findLast(Boolean) ?? '/';
