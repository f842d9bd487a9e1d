// Who made the calls: the processes on the wire, one lane each, from left to right in the order of the calls. The wire goes to the child at
// each clone, and is closed by execve.
import type { TraceLine } from '../../check/report.ts';
import { box, label, part, path } from './shapes.ts';
import { number, plural } from './words.ts';

export interface Lane {
  pid: number;
  first: number;
  last: number;
  calls: number;
  failed: number;
  /** The call by which its child took over the wire. */
  cloned: number | null;
  /** The one by which it became the command. */
  exec: number | null;
  /** Which lane's clone made it. */
  from: Lane | null;
}

/** In the order of their first calls; a call without an answer belongs to nobody, and is left out. */
export function lanes(calls: TraceLine[]): Lane[] {
  const found = new Map<number, Lane>();
  const children = new Map<number, Lane>();
  calls.forEach((call, i) => {
    if (call.result === null) return;
    const known = found.get(call.pid);
    const lane = known ?? {
      ...{ pid: call.pid, first: i, last: i, calls: 0, failed: 0, cloned: null, exec: null },
      from: children.get(call.pid) ?? null,
    };
    found.set(call.pid, lane);
    lane.last = i;
    lane.calls += 1;
    if (call.code !== null) lane.failed += 1;
    else if (call.name.startsWith('clone') && call.result > 0) {
      lane.cloned = i;
      children.set(call.result, lane);
    } else if (call.name.startsWith('execve')) lane.exec = i;
  });
  return [...found.values()];
}

const roleOf = ({ cloned, exec, from }: Lane): [explain: string, words: string, short: string] => {
  if (cloned !== null) return ['supervisor', 'helper, then supervisor', 'supervisor'];
  if (exec !== null) return ['execve', from ? 'child, then command' : 'helper, then command', 'command'];
  return ['helper', from ? 'child' : 'another helper', from ? 'child' : 'helper'];
};

const shown = 6;

/** `command`: what the last one is now. Returns also the height. */
export function drawWire(calls: TraceLine[], command: string, x: number, y: number, width: number): [string, number] {
  const all = lanes(calls);
  const rows = all.slice(0, shown);
  const left = x + (width < 520 ? 92 : 178);
  const right = x + width;
  const ends = left + (right - left) * 0.74;
  const at = (call: number) => left + ((call + 0.5) / Math.max(calls.length, 1)) * (ends - left);
  const nodeWords = width < 520 ? 'Node' : 'Node, running the lesson’s TypeScript';
  let drawn = part(
    'node',
    'node',
    'Node runs the TypeScript, and sends each call down the wire.',
    [
      box(left, y, right - left, 32, 'plain', 6),
      label('text', (left + right) / 2, y + 21, nodeWords, { width: right - left - 20, anchor: 'middle' }),
    ].join(''),
  );

  const top = (row: number) => y + 66 + row * 58;
  for (const [row, lane] of rows.entries()) {
    const [explain, role, short] = roleOf(lane);
    const [from, barEnd] = [
      at(lane.first) - 6,
      lane.cloned !== null || lane.exec !== null ? right : Math.max(at(lane.last) + 8, at(lane.first) + 16),
    ];
    const failures = lane.failed > 0 ? `, ${lane.failed} of them refused` : '';
    const words = `process ${lane.pid}: ${role}; ${plural(lane.calls, 'call')}${failures}`;
    const turn = lane.cloned ?? lane.exec;
    drawn += part(
      explain,
      `lane.${lane.pid}`,
      words,
      [
        box(from, top(row), barEnd - from, 30, 'plain', 5),
        turn === null ? '' : box(at(turn), top(row), right - at(turn), 30, lane.exec === null ? 'plain' : 'own', 5),
        label('mono', x, top(row) + 13, String(lane.pid), { width: left - x - 8 }),
        label('small', x, top(row) + 29, width < 520 ? short : role, { width: left - x - 8, kind: 'dim' }),
        lane.exec === null
          ? ''
          : label('mono', at(lane.exec) + 10, top(row) + 20, command, { width: right - at(lane.exec) - 16 }),
        lane.cloned === null
          ? ''
          : label('small', at(lane.cloned) + 10, top(row) + 19, 'waits', {
              width: right - at(lane.cloned) - 16,
              kind: 'dim',
            }),
        ticks(calls, lane, at, top(row)),
      ].join(''),
    );
  }
  drawn += rows.map((lane, row) => wireOf(lane, row, rows, at, top, y + 32)).join('');
  let height = 66 + rows.length * 58;
  if (rows.length > 0) {
    drawn += part(
      'wire',
      'wire',
      'the wire: a socket between Node and the process that makes the calls',
      [
        label('small', x, y + 54, 'the wire', { width: left - x - 8, kind: 'dim' }),
        path(['M', x + 54, y + 50, 'H', left - 12], 'wire'),
      ].join(''),
    );
  }
  if (all.length > shown) {
    drawn += label('small', x, y + height, `and ${number(all.length - shown)} more processes`, { width, kind: 'dim' });
    height += 20;
  }
  return [drawn, height - 14];
}

/** A stroke for each call, red for those that the kernel refused; of thousands, one for each pixel. */
function ticks(calls: TraceLine[], lane: Lane, at: (call: number) => number, y: number): string {
  const places = { line: new Set<number>(), stop: new Set<number>() };
  calls.forEach(({ pid, code, result }, i) => {
    if (pid === lane.pid && result !== null) places[code === null ? 'line' : 'stop'].add(Math.round(at(i)));
  });
  return Object.entries(places)
    .filter(([, set]) => set.size > 0)
    .map(([kind, set]) =>
      path(
        [...set].flatMap(x => ['M', x, y + 8, 'v', 14]),
        kind,
      ),
    )
    .join('');
}

/** From Node or from the parent's lane, along the lane, to where the child takes over or execve closes it. */
function wireOf(
  lane: Lane,
  row: number,
  rows: Lane[],
  at: (call: number) => number,
  top: (row: number) => number,
  node: number,
): string {
  const parent = lane.from ? rows.indexOf(lane.from) : -1;
  const start = parent >= 0 && lane.from?.cloned != null ? at(lane.from.cloned) : at(lane.first) + 5;
  const end = at(lane.cloned ?? lane.exec ?? lane.last);
  const from = parent >= 0 ? top(parent) - 6 : row === 0 ? node : top(row) - 14;
  const along = top(row) - 6;
  const cross = lane.exec === null ? [] : ['M', end - 5, along - 5, 'l', 10, 10, 'M', end + 5, along - 5, 'l', -10, 10];
  return (
    path(['M', start, from, 'V', along, 'H', Math.max(end, start)], 'wire') +
    (cross.length > 0 ? path(cross, 'stop') : '')
  );
}
