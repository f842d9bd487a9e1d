// One curve of the cgroup's last two minutes against its limit.
import { box, label, part, path } from './shapes.ts';
import { widthOf } from './text.ts';

/** A moment of a cgroup's life. */
export interface Sample {
  /** Milliseconds since 1970. */
  at: number;
  memory: number | null;
  /** CPUs used since the sample before. */
  cpu: number | null;
  pids: number | null;
}

/** Milliseconds. */
const span = 120_000;

export interface Chart {
  id: 'memory' | 'cpu' | 'pids';
  explain: string;
  title: string;
  file: string;
  now: number | null;
  max: number | null;
  words: (value: number) => string;
}

export function drawChart(
  { id, explain, title, file, now, max, words }: Chart,
  history: Sample[],
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  const last = history.at(-1)?.at ?? 0;
  const points = history
    .filter(each => each[id] !== null && last - each.at <= span)
    .map(each => [each.at, each[id] ?? 0] as const);
  const peak = Math.max(now ?? 0, ...points.map(([, value]) => value), 1e-9);
  // A limit far above would press the curve to the floor: then the scale is the curve's, and an arrow points up to the limit.
  const far = max !== null && max > peak * 12;
  const scale = max === null || far ? peak * 1.4 : Math.max(max * 1.15, peak * 1.05);
  const [left, right, top, floor] = [x + 10, x + width - 10, y + 66, y + height - 26];
  const at = (time: number) => right - ((last - time) / span) * (right - left);
  const high = (value: number) => floor - Math.min(value / scale, 1) * (floor - top);
  const limit = max === null ? 'no limit' : `limit ${words(max)}`;
  const described = `${title}: ${now === null ? 'not known' : words(now)} now, ${limit} (${file})`;
  const curve = points.length > 1 ? ['M', ...points.flatMap(([time, value]) => [at(time), high(value)])] : [];
  const first = points[0]?.[0] ?? last;
  const flatLine = points.length > 1 || now === null ? [] : ['M', left, high(now), 'H', right];
  return part(
    explain,
    id,
    described,
    [
      box(x, y, width, height, 'plain', 6),
      path(['M', left, floor, 'H', right, 'M', left, (top + floor) / 2, 'H', right], 'grid'),
      curve.length > 0
        ? path([...curve, 'V', floor, 'H', at(first), 'Z'], 'area') + path(curve, 'curve')
        : path(flatLine, 'curve'),
      max === null
        ? ''
        : far
          ? path(['M', right - 8, top + 4, 'v', -12, 'm', -5, 5, 'l', 5, -5, 'l', 5, 5], 'stop')
          : path(['M', left, high(max), 'H', right], 'limit'),
      label('text', x + 10, y + 22, title, { width: width * 0.5 }),
      label('big', x + 10, y + 48, now === null ? '–' : words(now), { width: width - 20 }),
      label('small', x + width - 10, y + 21, limit, {
        width: width - 30 - widthOf(title, 'text'),
        anchor: 'end',
        kind: max === null ? 'dim' : 'bad',
      }),
      label('small', left, floor + 17, points.length > 1 ? '2 min ago' : 'no curve yet', { width: 90, kind: 'dim' }),
      label('small', right, floor + 17, 'now', { width: 40, anchor: 'end', kind: 'dim' }),
    ].join(''),
  );
}
