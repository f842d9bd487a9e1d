// The process itself: its numbers from outside to inside, whose it is, what it runs, and its family; with the wire where it was recorded.
import type { ProcessView, Xray } from '../types.ts';
import { box, type Drawn, dot, heading, label, margin, part, path } from './shapes.ts';
import { commandOf, drawWho, idOf, stateOf } from './who.ts';
import { drawWire, lanes } from './wire.ts';
import { list, plural, seconds } from './words.ts';

export function drawProcess(xray: Xray, width: number): Drawn {
  const m = margin(width);
  const inner = width - 2 * m;
  let [drawn, y] = ['', 16];
  if (xray.calls && xray.calls.length > 0) {
    const [svg, height] = drawWire(xray.calls, commandOf(xray.process), m, y, inner);
    drawn += svg;
    y += height + 20;
  }
  const wide = width >= 600;
  const half = wide ? (inner - 28) / 2 : inner;
  const [nest, nestHeight] = drawWho(xray, m, y, half);
  const [tree, treeHeight] = drawTree(xray, wide ? m + half + 28 : m, wide ? y : y + nestHeight + 20, half);
  const height = wide ? Math.max(nestHeight, treeHeight) : nestHeight + 20 + treeHeight;
  return {
    title: 'The process',
    lesson: '01',
    body: drawn + nest + tree,
    height: y + height + 16,
    text: inWords(xray),
  };
}

/** The process with its descendants first, then what else is in its pid namespace. */
export function family({
  process,
  processes,
}: Pick<Xray, 'process' | 'processes'>): { process: ProcessView; depth: number }[] {
  const all = processes.some(({ pid }) => pid === process.pid) ? processes : [process, ...processes];
  const children = Map.groupBy(all, ({ parent }) => parent);
  const rows: { process: ProcessView; depth: number }[] = [];
  const seen = new Set<number>();
  const visit = (each: ProcessView, depth: number) => {
    if (seen.has(each.pid)) return;
    seen.add(each.pid);
    rows.push({ process: each, depth });
    for (const child of children.get(each.pid) ?? []) visit(child, depth + 1);
  };
  for (const each of all) if (each.pid === process.pid) visit(each, 0);
  const known = new Set(all.map(({ pid }) => pid));
  for (const each of all) if (!known.has(each.parent)) visit(each, 0);
  for (const each of all) visit(each, 0);
  return rows;
}

const shown = 12;

function drawTree(xray: Xray, x: number, y: number, width: number): [string, number] {
  const rows = family(xray);
  let drawn = heading(x, y + 10, 'Its processes', width - 130);
  drawn += label('small', x + width - 6, y + 10, 'outside', { width: 60, anchor: 'end', kind: 'dim' });
  drawn += label('small', x + width - 76, y + 10, 'inside', { width: 60, anchor: 'end', kind: 'dim' });
  let top = y + 26;
  for (const [i, { process, depth }] of rows.slice(0, shown).entries()) {
    const left = x + 12 + Math.min(depth, 8) * 14;
    const inside = process.nsPids.at(-1) ?? process.pid;
    const words = `process ${inside} inside, ${process.pid} outside: ${commandOf(process)}; ${stateOf(process)}`;
    const explain =
      process.state === 'Z' ? 'zombie' : inside === 1 && process.nsPids.length > 1 ? 'pid-1' : 'processes';
    drawn += part(
      explain,
      `process.${process.pid}`,
      words,
      [
        box(x, top, width, 24, process.pid === xray.process.pid ? 'own' : 'clear'),
        dot(left, top + 12, process.state === 'Z' ? 'mask' : 'ink'),
        label('mono', left + 12, top + 17, commandOf(process), { width: x + width - 146 - left }),
        label('mono', x + width - 76, top + 17, String(inside), { width: 56, anchor: 'end' }),
        label('mono', x + width - 6, top + 17, String(process.pid), { width: 66, anchor: 'end', kind: 'dim' }),
      ].join(''),
      i > 0,
    );
    if (depth > 0) drawn += path(['M', left - 14, top + 2, 'V', top + 12, 'H', left - 5], 'line');
    top += 26;
  }
  if (rows.length > shown) {
    const rest = rows.slice(shown).map(({ process }) => `${process.pid} ${process.name}`);
    drawn += part(
      'processes',
      'process.more',
      `${rest.length} more: ${list(rest)}`,
      [
        box(x, top, width, 24, 'plain'),
        label('small', x + 12, top + 16.5, `and ${plural(rest.length, 'more', 'more')}`, { width: width - 24 }),
      ].join(''),
    );
    top += 28;
  }
  return [drawn, top - y];
}

function inWords(xray: Xray): string[] {
  const { process, calls } = xray;
  return [
    `${commandOf(process)}: ${stateOf(process)}, ${plural(process.threads, 'thread')}, started ${seconds(process.age)} ago.`,
    `Its number, from outside to inside: ${process.nsPids.join(' → ') || process.pid}.`,
    `It is user ${idOf(xray, 'uids')}; group ${idOf(xray, 'gids')}.`,
    ...lanes(calls ?? []).map(({ pid, calls: made, failed, exec, cloned }) => {
      const end =
        exec !== null
          ? '; it became the command'
          : cloned !== null
            ? '; its child took over the wire, and it waits'
            : '';
      return `On the wire, process ${pid}: ${plural(made, 'call')}${failed > 0 ? `, ${failed} refused` : ''}${end}.`;
    }),
    ...family(xray).map(({ process: each, depth }) => {
      return `${'  '.repeat(Math.min(depth, 8))}process ${each.nsPids.at(-1) ?? each.pid} inside, ${each.pid} outside: ${commandOf(each)} (${stateOf(each)})`;
    }),
  ];
}
