// The system calls in order, refusals in their place. Calls that repeat are folded to ×n in the drawing; in words each is there.
import type { TraceLine } from '../../check/report.ts';
import { calls as explained } from '../browser/explain-calls.ts';
import type { Xray } from '../types.ts';
import { box, type Drawn, label, margin, part, path } from './shapes.ts';
import { baseOf, plural } from './words.ts';

/** Calls in a row of which each `length` are the same names again: `times` of them. */
export interface Loop {
  start: number;
  length: number;
  times: number;
}

/** From the same line of the source, with the same answer: they differ in their arguments at most. */
const alike = (a: TraceLine | undefined, b: TraceLine | undefined) =>
  a !== undefined &&
  b !== undefined &&
  a.name === b.name &&
  a.pid === b.pid &&
  a.code === b.code &&
  a.file === b.file &&
  a.line === b.line &&
  (a.result === null) === (b.result === null);

/** The longest loop that begins at each place; what repeats less than three times is none. */
export function loops(calls: TraceLine[]): Loop[] {
  const found: Loop[] = [];
  for (let start = 0; start < calls.length; ) {
    let best: Loop = { start, length: 1, times: 1 };
    for (let length = 1; length <= 4; length++) {
      let times = 1;
      while (
        Array.from({ length }, (_, i) => alike(calls[start + i], calls[start + times * length + i])).every(Boolean)
      )
        times++;
      if (times >= 3 && times * length > best.times * best.length) best = { start, length, times };
    }
    found.push(best);
    start += best.length * best.times;
  }
  return found;
}

const most = 90;

export function drawCalls({ calls }: Pick<Xray, 'calls'>, width: number): Drawn | null {
  if (!calls || calls.length === 0) return null;
  const m = margin(width);
  const all = loops(calls);
  const failed = calls.filter(({ code }) => code !== null).length;
  const isKept = (_loop: Loop, i: number) => i < most * 0.6 || i >= all.length - most * 0.3;
  const errors = all.filter((loop, i) => !isKept(loop, i) && calls[loop.start]?.code !== null).slice(0, 40);
  const kept = all.length <= most ? all : all.filter((loop, i) => isKept(loop, i) || errors.includes(loop));
  let [y, drawn, next] = [14, '', 0];
  let pid: number | null = null;
  const gutter = kept.some(({ times }) => times > 1) ? 46 : 0;
  for (const loop of kept) {
    if (loop.start > next) {
      drawn += label('small', m + 44, y + 14, `… ${plural(loop.start - next, 'more call')}`, {
        width: 300,
        kind: 'dim',
      });
      y += 24;
    }
    next = loop.start + loop.length * loop.times;
    const first = calls[loop.start] as TraceLine;
    if (first.pid !== pid && first.result !== null) {
      drawn += label('strong', m, y + 16, `process ${first.pid}`, { width: width - 2 * m });
      y += 26;
      pid = first.pid;
    }
    const top = y;
    for (let i = 0; i < loop.length; i++) {
      const [svg, tall] = row(calls[loop.start + i] as TraceLine, loop.start + i, loop, y, width, gutter);
      drawn += svg;
      y += tall;
    }
    if (loop.times > 1) {
      const right = width - m;
      drawn += path(['M', right - 40, top + 2, 'h', 6, 'V', y - 5, 'h', -6], 'line');
      drawn += label('strong', right, (top + y) / 2 + 3, `×${loop.times}`, { width: 32, anchor: 'end' });
    }
  }
  return {
    title: 'The system calls',
    lesson: '01',
    body: drawn,
    height: y + 8,
    text: [
      `${plural(calls.length, 'call')}, ${failed} of them refused.`,
      ...calls.map((call, i) => `${i + 1}. ${describe(call)}`),
    ],
  };
}

const place = ({ file, line }: TraceLine) => (file === null ? '' : `${baseOf(file)}${line === null ? '' : `:${line}`}`);
const describe = (call: TraceLine) => `process ${call.pid}: ${call.text}${place(call) ? `, ${place(call)}` : ''}`;

/** Of long paths the last two names: there lies the difference between one call and the next. */
const shortened = (text: string) =>
  text.replace(/"(\/[^"]{24,})"/g, (_, path: string) => `"…/${path.split('/').slice(-2).join('/')}"`);

function row(call: TraceLine, index: number, loop: Loop, y: number, width: number, gutter: number): [string, number] {
  const m = margin(width);
  const narrow = width < 720;
  const right = width - m - gutter;
  const x = m + 34;
  const bad = call.code === null ? '' : 'bad';
  const cutAt = call.text.lastIndexOf(' = ');
  const shown = shortened(cutAt > 0 ? call.text.slice(0, cutAt) : call.text);
  const result =
    call.code ??
    (call.result === null ? '?' : call.result > 0xffff ? `0x${call.result.toString(16)}` : String(call.result));
  const where = place(call);
  const all = Array.from({ length: loop.times }, (_, i) => i * loop.length + index);
  const words =
    loop.times > 1
      ? `${describe(call)}; ${loop.times} times in a row: calls ${all.map(each => each + 1).join(', ')}`
      : describe(call);
  const tall = narrow ? 42 : 26;
  const inside = narrow
    ? label('code', x + 8, y + 15, shown, { width: right - x - 14, kind: bad }) +
      label('small', x + 8, y + 31, where, { width: right - x - 90, kind: 'dim' }) +
      label('code', right - 8, y + 31, `= ${result}`, { width: 84, anchor: 'end', kind: bad })
    : label('code', x + 8, y + 16, shown, { width: right - x - 280, kind: bad }) +
      label('code', right - 184, y + 16, `= ${result}`, { width: 90, anchor: 'end', kind: bad }) +
      label('small', right - 8, y + 16, where, { width: 166, anchor: 'end', keep: 'middle', kind: 'dim' });
  const number = label('small', m + 26, y + (narrow ? 15 : 16), String(index + 1), {
    width: 30,
    anchor: 'end',
    kind: 'dim',
  });
  const explain = call.code !== null ? 'call-refused' : explained[call.name] ? `call:${call.name}` : 'call';
  return [
    part(
      explain,
      `call.${index}`,
      words,
      box(x, y, right - x, tall - 3, call.code === null ? 'plain' : 'error') + number + inside,
      call.code === null && index > 0,
    ),
    tall,
  ];
}
