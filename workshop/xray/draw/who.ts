// Who the process is: its number in each pid namespace, the boxes one in the other, and in the innermost what it runs, as whom, since when.
import type { ProcessView, Xray } from '../types.ts';
import { box, heading, label, paragraph, part } from './shapes.ts';
import { insideOf } from './users.ts';
import { plural, seconds } from './words.ts';

const states: Record<string, string> = {
  ...{ R: 'running', S: 'sleeping', D: 'waiting for a device', Z: 'ended, a zombie', T: 'stopped', t: 'traced' },
  ...{ I: 'idle', X: 'dead' },
};
export const stateOf = ({ state }: ProcessView): string => states[state] ?? state;
/** A process without a command line, such as a zombie, by the kernel's name for it. */
export const commandOf = ({ command, name }: ProcessView): string =>
  command.length > 0 ? command.join(' ') : `[${name}]`;

/** The effective user or group; and what it is inside, where that is another. */
export function idOf({ process, users }: Xray, kind: 'uids' | 'gids'): string {
  const outside = process[kind][1];
  if (outside === undefined) return 'not known';
  const inside = !users || users.identity ? outside : insideOf(outside, users[kind]);
  if (inside === outside) return String(outside);
  return `${outside}, to itself ${inside ?? 'nobody'}`;
}

const [indent, head] = [12, 34];

/** Returns also the height. */
export function drawWho(xray: Xray, x: number, y: number, width: number): [string, number] {
  const { process } = xray;
  const all = process.nsPids.length > 0 ? process.nsPids : [process.pid];
  const levels = all.length > 4 ? [...all.slice(0, 2), ...all.slice(-2)] : all;
  const deepest = levels.length - 1;
  const [left, wide] = [x + deepest * indent, width - 2 * deepest * indent];
  const first = y + 24;
  const [facts, end] = drawFacts(xray, left, first + levels.length * head + 4, wide);
  const frames = levels.map((pid, depth) => {
    const last = depth === deepest;
    const where = depth === 0 ? 'on this machine' : last ? 'to itself' : 'in between';
    const [at, top, room] = [x + depth * indent, first + depth * head, width - 2 * depth * indent];
    const kind = depth === 0 ? 'outside' : last ? 'container' : 'plain';
    const explain = pid === 1 && depth > 0 ? 'pid-1' : 'pid';
    const frame = box(at, top, room, end - top + (deepest - depth) * indent, kind, 6);
    return part(
      explain,
      `level.${depth}`,
      `${where}: process ${pid}`,
      [
        frame,
        label('text', at + 12, top + 22, where, { width: room - 120 }),
        label('mono', at + room - 12, top + 22, `pid ${pid}`, { width: 100, anchor: 'end' }),
      ].join(''),
    );
  });
  return [heading(x, y + 10, 'Who it is', width) + frames.join('') + facts, end + deepest * indent - y];
}

/** Returns also where they end. */
function drawFacts(xray: Xray, x: number, y: number, width: number): [string, number] {
  const { process } = xray;
  const facts: [explain: string, name: string, value: string][] = [
    ['command', 'runs', commandOf(process)],
    ['user', 'user', idOf(xray, 'uids')],
    ['user', 'group', idOf(xray, 'gids')],
    ['state', 'is', `${stateOf(process)}, ${plural(process.threads, 'thread')}`],
    ['state', 'since', `${seconds(process.age)} ago`],
  ];
  let [drawn, top] = ['', y];
  for (const [explain, name, value] of facts) {
    const [lines, next] = paragraph('mono', x + 64, top + 15, value, width - 74, '', 3);
    const tall = next - top - 8;
    const content =
      box(x + 4, top, width - 8, tall, 'clear') +
      label('small', x + 12, top + 15, name, { width: 50, kind: 'dim' }) +
      lines;
    drawn += part(explain, `fact.${name}`, `${name} ${value}`, content, true);
    top += tall;
  }
  return [drawn, top + 8];
}
