// JUnit's XML, read by a reader that forgives nothing, and by others where they are.
import { execFileSync, spawnSync } from 'node:child_process';
import test from 'ava';
import type { Grade } from '../types.ts';
import { junit } from './junit.ts';
import { all, lesson, lessons, mixed, unmarked } from './made-up.ts';
import { outcomesOf } from './outcome.ts';
import { type Element, parseXml } from './xml.ts';

const of = (grade: Grade) => ({ grade, lessons: outcomesOf(grade, lessons) });

// Jenkins' xunit plugin, junit-10.xsd: what may be in what, and what must be there.
const allowed: Record<string, { required: string[]; optional: string[]; children: string[] }> = {
  testsuites: { required: [], optional: ['name', 'time', 'tests', 'failures', 'errors'], children: ['testsuite'] },
  testsuite: {
    required: ['name', 'tests', 'failures', 'errors'],
    optional: ['group', 'time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    children: ['testsuite', 'properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { required: [], optional: [], children: ['property'] },
  property: { required: ['name', 'value'], optional: [], children: [] },
  testcase: {
    required: ['name'],
    optional: ['time', 'classname', 'group'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  failure: { required: [], optional: ['type', 'message'], children: [] },
  error: { required: [], optional: ['type', 'message'], children: [] },
  skipped: { required: [], optional: ['type', 'message'], children: [] },
  'system-out': { required: [], optional: [], children: [] },
};

function problems(element: Element): string[] {
  const rule = allowed[element.name];
  if (!rule) return [`<${element.name}>`];
  const names = Object.keys(element.attributes);
  return [
    ...rule.required.filter(name => !names.includes(name)).map(name => `<${element.name}> without ${name}`),
    ...names
      .filter(name => ![...rule.required, ...rule.optional].includes(name))
      .map(name => `<${element.name} ${name}>`),
    ...element.children
      .filter(({ name }) => !rule.children.includes(name))
      .map(({ name }) => `<${name}> in <${element.name}>`),
    ...('time' in element.attributes && !/^\d*(\.\d*)?$/.test(element.attributes.time ?? '') ? ['time'] : []),
    ...element.children.flatMap(problems),
  ];
}

test('JUnit’s XML is well-formed and as Jenkins’ schema has it, whatever was said', t => {
  for (const grade of all) t.deepEqual(problems(parseXml(junit('A <class> & "more"', [of(grade)]))), []);
  t.deepEqual(problems(parseXml(junit('class', all.map(of)))), []);
});

const parsers: [name: string, ...options: string[]][] = [
  ['xmllint', '--noout', '-'],
  ['python3', '-c', 'import sys, xml.dom.minidom as dom; dom.parseString(sys.stdin.buffer.read())'],
];
for (const [name, ...options] of parsers) {
  const here = spawnSync(name, ['--version']).status === 0;
  (here ? test : test.skip)(`the XML is well-formed to ${name}${here ? '' : ', which is not installed'}`, t => {
    const input = junit('class', all.map(of));
    t.notThrows(() => execFileSync(name, options, { input, stdio: 'pipe' }));
    t.throws(() => execFileSync(name, options, { input: input.slice(0, -20), stdio: 'pipe' }));
  });
}

test('a suite is a lesson, a case a task, each with how it ended', t => {
  const suites = parseXml(junit('class', [of(mixed), of(unmarked)]));
  t.deepEqual(
    suites.children.map(({ attributes: { name, tests, failures, errors, skipped } }) => [
      name,
      tests,
      failures,
      errors,
      skipped,
    ]),
    [
      ['ada.01-process', '9', '0', '0', '0'],
      ['ada.03-mount-namespace', '9', '1', '1', '1'],
      ['ada.04-overlay', String(lesson('04').tasks.length), '0', String(lesson('04').tasks.length), '0'],
      ['ada', '1', '0', '1', '0'],
    ],
  );
  const cases = suites.children[1]?.children.filter(({ name }) => name === 'testcase') ?? [];
  const [, failed, blocked, skipped] = cases.map(({ children }) => children[0]);
  t.is(failed?.attributes.message, 'That changed one mount, the one on `/`.');
  t.true(failed?.text.includes('still shared: /dev shared:19'));
  t.deepEqual([blocked?.name, blocked?.attributes.type, blocked?.text], ['error', 'blocked', 'the reason of proc']);
  t.is(skipped?.name, 'skipped');
  t.is(cases[1]?.attributes.time, '0.012');
});
