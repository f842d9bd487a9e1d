// The drawings without a browser: what is drawn and what is said, numbers and texts for people, the file that any viewer opens.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import test from 'ava';
import { findProgram } from '../../doctor/facts.ts';
import { home } from '../../paths.ts';
import type { MountView } from '../types.ts';
import { loops } from './calls.ts';
import { evils, hostile, many, nothing } from './extremes.ts';
import { asDocument, explanations, figures } from './index.ts';
import { flat, rowsOf } from './mounts.ts';
import { picked } from './overlay.ts';
import { docker, history, host, images, lesson05, lesson13, mountOf, samples } from './samples.ts';
import { cut, visible, widthOf, wrap } from './text.ts';
import { insideOf } from './users.ts';
import { lanes } from './wire.ts';
import { bytes, cpus, list, number, seconds } from './words.ts';

const ids = (xray: Parameters<typeof figures>[0], more = {}) => figures(xray, more).map(({ id }) => id);

test('The figures come in the order of the lessons, and those with nothing to show are not there.', t => {
  t.deepEqual(ids(lesson05), [
    'process',
    'namespaces',
    'mounts',
    'overlay',
    'users',
    'cgroup',
    'network',
    'privileges',
    'calls',
  ]);
  t.true(ids(lesson05, { images }).includes('images'));
  t.deepEqual(ids(host), ['process', 'namespaces', 'mounts', 'users', 'cgroup', 'network', 'privileges']);
  t.deepEqual(ids(nothing), ['process', 'namespaces', 'privileges']);
});

test('The same x-ray is the same string.', t => {
  for (const xray of Object.values(samples)) {
    t.deepEqual(figures(xray, { history, images }), figures(structuredClone(xray), { history, images }));
  }
});

test('Every part has an explanation, every explanation a lesson that there is, and each part is in its drawing once.', t => {
  const lessons = readdirSync(`${home}/lessons`).map(each => each.slice(0, 2));
  for (const { lesson, text } of Object.values(explanations))
    t.true(lessons.includes(lesson) && text.length > 15, text);
  for (const xray of [...Object.values(samples), many(3), many(40)]) {
    for (const { svg, id, lesson } of figures(xray, { history, images })) {
      t.true(lesson === null || lessons.includes(lesson));
      for (const [, key = ''] of svg.matchAll(/data-explain="([^"]*)"/g)) t.truthy(explanations[key], key);
      const parts = [...svg.matchAll(/data-part="([^"]*)"/g)].map(([, part]) => part);
      t.deepEqual(
        parts.filter((each, i) => parts.indexOf(each) !== i),
        [],
        id,
      );
      t.true(svg.includes('tabindex="0"'), `${id} can be reached by Tab`);
      t.notRegex(svg, / (id|on\w+|href)=/);
    }
  }
});

test('In words there is everything, also what the drawing folds.', t => {
  const huge = many(300);
  const said = new Map(figures(huge, { images }).map(({ id, text }) => [id, text]));
  for (const { path } of flat(huge.mounts as MountView)) t.true(said.get('mounts')?.includes(`${path}: `), path);
  for (const layer of huge.overlays[0]?.layers ?? []) t.true(said.get('overlay')?.includes(layer.path));
  for (const { pid } of huge.processes) t.true(said.get('process')?.includes(`${pid} outside`));
  t.is(said.get('calls')?.split('\n').length, (huge.calls?.length ?? 0) + 1);
  t.is(said.get('network')?.match(/Rule in/g)?.length, 300);
});

test('A drawing of far too much stays a drawing.', t => {
  for (const { svg, id } of figures(many(300))) t.true(svg.length < 400_000, `${id} is ${svg.length} long`);
});

test('Masks and devices of a folder are one row each; a mount with others on it stays.', t => {
  const rows = rowsOf(docker.mounts as MountView);
  t.deepEqual(
    rows.filter(({ mounts }) => mounts.length > 1).map(({ mounts }) => [mounts[0]?.role, mounts.length]),
    [
      ['mask', 5],
      ['device', 6],
    ],
  );
  t.is(rows.flatMap(({ mounts }) => mounts).length, flat(docker.mounts as MountView).length);
  const two = mountOf('/', 'tmpfs', 'root', {
    children: [mountOf('/a', 'tmpfs', 'mask'), mountOf('/b', 'tmpfs', 'mask')],
  });
  t.is(rowsOf(two).length, 3);
  const huge = many(300).mounts as MountView;
  t.is(new Set(rowsOf(huge).flatMap(({ mounts }) => mounts)).size, flat(huge).length);
});

test('Of the files some of each kind are drawn, changes first.', t => {
  const files = lesson05.overlays[0]?.files ?? [];
  t.deepEqual(
    picked(files, 3)
      .map(({ kind }) => kind)
      .sort(),
    ['changed', 'new', 'whiteout'],
  );
  t.is(picked(files, 100).length, files.length);
});

test('Calls of one line of the source that repeat are a loop, refusals are not part of it.', t => {
  const found = loops(lesson05.calls ?? []);
  t.deepEqual(
    found.filter(({ times }) => times > 1).map(({ length, times }) => [length, times]),
    [
      [1, 3],
      [2, 6],
    ],
  );
  t.is(
    found.reduce((sum, { length, times }) => sum + length * times, 0),
    lesson05.calls?.length ?? 0,
  );
});

test('The child of clone has the wire next; execve is its end.', t => {
  const [first, second, third] = lanes(lesson13.calls ?? []);
  t.is(first?.pid, 4711);
  t.truthy(first?.cloned);
  t.is(second?.from, first);
  t.truthy(second?.exec);
  t.deepEqual([third?.from, third?.exec, third?.cloned], [null, null, null]);
});

test('A user outside is a user inside, or none.', t => {
  const ranges = [
    { inside: 0, outside: 1000, count: 1 },
    { inside: 1, outside: 100_000, count: 65_536 },
  ];
  t.deepEqual(
    [1000, 100_000, 165_535, 165_536, 0].map(id => insideOf(id, ranges)),
    [0, 1, 65_536, null, null],
  );
});

test('Numbers are as people say them.', t => {
  t.deepEqual([0, 999, 1000, 1023, 1024, 1_258_291, 67_108_864, 9.9e6, 5e15].map(bytes), [
    '0 B',
    '999 B',
    '1 KiB',
    '1 KiB',
    '1 KiB',
    '1.2 MiB',
    '64 MiB',
    '9.4 MiB',
    '4.4 PiB',
  ]);
  t.deepEqual([0, 0.34, 0.9999, 2.5, 59, 240, 7200, 400_000].map(seconds), [
    '0 ms',
    '340 ms',
    '1 s',
    '2.5 s',
    '59 s',
    '4 min',
    '2 h',
    '5 days',
  ]);
  t.deepEqual([12, 123_456, 1_234_567, 2e9].map(number), ['12', '123456', '1.2 million', '2.0 billion']);
  t.deepEqual([1, 0.333, 0].map(cpus), ['1 CPU', '0.33 CPUs', '0 CPUs']);
  t.deepEqual([[], ['a'], ['a', 'b', 'c']].map(list), ['', 'a', 'a, b and c']);
});

test('Text is cut to its width, in the middle where the end says more; lines are broken.', t => {
  t.is(cut('short', 200, 'text'), 'short');
  t.regex(cut('a rather long line of text', 80, 'text'), /^a rath.*…$/);
  t.regex(cut('/var/lib/docker/overlay2/merged', 120, 'code', 'middle'), /^\/.*….*merged$/);
  for (const evil of Object.values(evils)) {
    for (const width of [20, 100, 300]) {
      for (const where of ['end', 'middle'] as const) t.true(widthOf(cut(evil, width, 'mono', where), 'mono') <= width);
      for (const each of wrap(evil, width, 'mono', 3)) t.true(widthOf(each, 'mono') <= width, `${each} in ${width}`);
      t.true(wrap(evil, width, 'mono', 3).length <= 3);
    }
  }
});

test('What cannot be seen, or turns the line round, is shown as an escape.', t => {
  t.is(visible('a\nb\u001b[0m\u202e\u0000\ud800'), 'a\\nb\\x1b[0m\\u{202e}\\x00\\u{d800}');
  t.is(visible('é naïve 中文 א'), 'é naïve 中文 א');
  for (const evil of Object.values(evils)) {
    for (const { svg, text } of figures(hostile(evil))) {
      t.notRegex(svg, /[\p{C}&&[^\n]]/v);
      t.notRegex(text, /[\p{C}&&[^\n]]/v);
      t.notRegex(svg, /<(script|img|style|!)/);
    }
  }
});

const python = findProgram('python3');
const asXml = python ? test : test.skip;

asXml('The document is XML, for every x-ray.', t => {
  const xrays = [...Object.values(samples), nothing, many(30), ...Object.values(evils).map(hostile)];
  const input = JSON.stringify(xrays.map(xray => asDocument(figures(xray, { history, images }))));
  const program =
    'import sys, json, xml.parsers.expat as x\nfor each in json.load(sys.stdin): x.ParserCreate().Parse(each, True)';
  const { status, stderr } = spawnSync(python ?? '', ['-c', program], { input, encoding: 'utf8' });
  t.is(status, 0, stderr);
});

const rsvg = findProgram('rsvg-convert');
const rendered = rsvg ? test : test.skip;

rendered('Another viewer draws the document: rsvg-convert.', t => {
  for (const xray of [lesson13, hostile(evils.markup ?? ''), nothing]) {
    const { status, stdout, stderr } = spawnSync(rsvg ?? '', ['--format=png'], {
      input: asDocument(figures(xray, { history, images })),
      maxBuffer: 1e8,
    });
    t.is(status, 0, String(stderr));
    t.is(stdout.subarray(1, 4).toString(), 'PNG');
    t.true(stdout.length > 10_000);
  }
});
