// The cgroup: memory, CPU and processes over the last two minutes against their limits, and what happened at the limits.
import type { CgroupView, Xray } from '../types.ts';
import { type Chart, drawChart, type Sample } from './chart.ts';
import { box, type Drawn, flow, label, margin, part } from './shapes.ts';
import { cut, widthOf } from './text.ts';
import { bytes, cpus, number, plural, seconds } from './words.ts';

function chartsOf(cgroup: CgroupView, history: Sample[]): Chart[] {
  const v1 = cgroup.version === 1;
  return [
    {
      id: 'memory',
      explain: 'memory.max',
      title: 'Memory',
      file: v1 ? 'memory.limit_in_bytes' : 'memory.max',
      now: cgroup.memory.current,
      max: cgroup.memory.max,
      words: bytes,
    },
    {
      id: 'cpu',
      explain: 'cpu.max',
      title: 'CPU',
      file: v1 ? 'cpu.cfs_quota_us' : 'cpu.max',
      now: history.at(-1)?.cpu ?? null,
      max: cgroup.cpu.quota,
      words: cpus,
    },
    {
      id: 'pids',
      explain: 'pids.max',
      title: 'Processes',
      file: 'pids.max',
      now: cgroup.pids.current,
      max: cgroup.pids.max,
      words: number,
    },
  ];
}

export function drawCgroup({ cgroup }: Xray, width: number, history: Sample[] = []): Drawn | null {
  if (!cgroup) return null;
  const m = margin(width);
  const inner = width - 2 * m;
  const columns = width >= 580 ? 3 : 1;
  const [gap, tall] = [18, columns === 3 ? 190 : 160];
  const wide = (inner - (columns - 1) * gap) / columns;
  let [drawn, y] = ['', 12];
  const inside = cgroup.inside === null ? '' : `; to itself ${cgroup.inside}`;
  drawn += part(
    'cgroup',
    'path',
    `cgroup of version ${cgroup.version}: ${cgroup.path}${inside}`,
    [
      box(m, y, inner, 30, 'plain'),
      label('mono', m + 12, y + 20, cgroup.path, { width: inner - 130, keep: 'middle' }),
      label(
        'small',
        m + inner - 12,
        y + 19.5,
        cgroup.inside === null ? `version ${cgroup.version}` : `to itself: ${cgroup.inside}`,
        { width: 110, anchor: 'end', keep: 'middle', kind: 'dim' },
      ),
    ].join(''),
  );
  y += 44;
  const charts = chartsOf(cgroup, history);
  charts.forEach((chart, i) => {
    drawn += drawChart(
      chart,
      history,
      m + (i % columns) * (wide + gap),
      y + Math.floor(i / columns) * (tall + 14),
      wide,
      tall,
    );
  });
  y += Math.ceil(charts.length / columns) * (tall + 14);
  const facts = factsOf(cgroup);
  const [chips, height] = flow(facts, m, y, inner, ({ explain, words, kind }, x, top, most) => {
    const shown = cut(words, most - 20, 'small', 'middle');
    const room = Math.min(widthOf(shown, 'small') + 20, most);
    return [
      part(
        explain,
        explain,
        words,
        box(x, top, room, 22, kind, 11) + label('small', x + 10, top + 15.5, shown, { width: room - 18 }),
      ),
      room,
    ];
  });
  return {
    title: 'Its share',
    lesson: '10',
    body: drawn + chips,
    height: y + height + 14,
    text: inWords(cgroup, charts),
  };
}

function factsOf({ memory, cpu, frozen }: CgroupView): { explain: string; words: string; kind: string }[] {
  const [oom, throttled] = [memory.oomKills ?? 0, cpu.throttled ?? 0];
  const facts: [string, string | null, string][] = [
    ['frozen', frozen ? 'frozen: none of its processes runs' : null, 'world'],
    [
      'oom-kill',
      memory.oomKills === null ? null : oom === 0 ? 'no OOM kill' : plural(oom, 'OOM kill'),
      oom > 0 ? 'error' : 'plain',
    ],
    [
      'throttled',
      cpu.throttled === null ? null : throttled === 0 ? 'never throttled' : `throttled for ${seconds(throttled)}`,
      throttled > 0 ? 'error' : 'plain',
    ],
    ['memory.high', memory.high === null ? null : `slowed down from ${bytes(memory.high)} on`, 'plain'],
    ['memory.peak', memory.peak === null ? null : `at most ${bytes(memory.peak)} so far`, 'plain'],
    ['cpu.usage', cpu.usage === null ? null : `${seconds(cpu.usage)} of CPU so far`, 'plain'],
    ['cpu.weight', cpu.weight === null ? null : `weight ${number(cpu.weight)}`, 'plain'],
    ['cpuset', cpu.cpus === null ? null : `on CPUs ${cpu.cpus}`, 'plain'],
  ];
  return facts.flatMap(([explain, words, kind]) => (words === null ? [] : [{ explain, words, kind }]));
}

function inWords(cgroup: CgroupView, charts: Chart[]): string[] {
  return [
    `Cgroup of version ${cgroup.version}: ${cgroup.path}${cgroup.inside === null ? '' : `; to itself ${cgroup.inside}`}.`,
    ...charts.map(
      ({ title, now, max, words }) =>
        `${title}: ${now === null ? 'not known' : words(now)} now, ${max === null ? 'no limit' : `limit ${words(max)}`}.`,
    ),
    ...factsOf(cgroup).map(({ words }) => `${words[0]?.toUpperCase()}${words.slice(1)}.`),
  ];
}
