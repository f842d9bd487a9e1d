// The two forms in JSON against their specifications: the schemas are written from these.
import { Ajv } from 'ajv';
import test from 'ava';
import type { Grade } from '../types.ts';
import { askedIn } from './asked.ts';
import { classroom } from './classroom.ts';
import { exercism } from './exercism.ts';
import { all, graded, lesson, lessons, marked, mixed, unmarked } from './made-up.ts';
import { outcomesOf } from './outcome.ts';
import { testCode } from './test-code.ts';

const write = (format: typeof exercism, grade: Grade) => JSON.parse(format(grade, outcomesOf(grade, lessons)));
const ajv = new Ajv({ allErrors: true });

// exercism/docs, building/tooling/test-runners/interface.md
const exercismSchema = ajv.compile({
  type: 'object',
  additionalProperties: false,
  required: ['version', 'status', 'tests'],
  properties: {
    version: { const: 3 },
    status: { enum: ['pass', 'fail', 'error'] },
    message: { type: ['string', 'null'], maxLength: 65_535 },
    tests: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'status'],
        properties: {
          name: { type: 'string', minLength: 1 },
          status: { enum: ['pass', 'fail', 'error'] },
          message: { type: ['string', 'null'], maxLength: 65_535 },
          output: { type: ['string', 'null'], maxLength: 500 },
          test_code: { type: 'string' },
          task_id: { type: 'integer', minimum: 1 },
        },
      },
    },
  },
  if: { properties: { status: { const: 'error' } } },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
  then: { required: ['message'], properties: { message: { type: 'string', minLength: 1 } } },
  else: { properties: { message: { type: 'null' }, tests: { type: 'array', minItems: 1 } } },
});

// What classroom-resources' graders put out, and what the reporter reads of it.
const classroomSchema = ajv.compile({
  type: 'object',
  required: ['version', 'status', 'max_score', 'tests'],
  properties: {
    version: { const: 1 },
    status: { enum: ['pass', 'fail', 'error'] },
    max_score: { type: 'integer', minimum: 0 },
    tests: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'status', 'message', 'test_code', 'filename', 'line_no', 'execution_time', 'score'],
        properties: {
          name: { type: 'string', minLength: 1 },
          status: { enum: ['pass', 'fail', 'error'] },
          message: { type: ['string', 'null'] },
          test_code: { type: 'string' },
          filename: { type: 'string' },
          line_no: { type: 'integer' },
          execution_time: { type: 'string', pattern: '^\\d+(\\.\\d+)?s$' },
          score: { type: 'integer', minimum: 0 },
        },
      },
    },
  },
});

test('results.json keeps to version 3 of Exercism’s interface, whatever was said', t => {
  for (const grade of all) {
    const results = write(exercism, grade);
    t.true(exercismSchema(results), JSON.stringify(exercismSchema.errors));
    for (const { message } of results.tests) t.true(Buffer.byteLength(message ?? '') < 65_535);
  }
});

test('a lesson is a task of it, its tests are in order, and what could not be tried here is left out', t => {
  const { status, tests } = write(exercism, mixed);
  t.is(status, 'fail');
  const order = ['own-namespace', 'private', 'proc', 'devices'].map(
    id => lesson('03').tasks.find(task => task.id === id)?.title,
  );
  const third = tests.filter((each: { task_id: number }) => each.task_id === 3);
  t.deepEqual(
    third.slice(0, 4).map(({ name, status }: Record<string, string>) => [name, status]),
    order.map((title, i) => [`03 · Its own mounts: ${title}`, ['pass', 'fail', 'error', 'pass'][i]]),
  );
  t.regex(third[1].message, /mountinfo[\s\S]*The kernel said:\nmount\([\s\S]*one mount[\s\S]*MS_REC/);
  t.regex(third[1].test_code, /^task\('private', [\s\S]*;$/);
});

test('the whole is an error only when nothing was run, and then says why', t => {
  const missing = graded([{ ...marked('04'), status: 'missing', points: 0, tasks: [] }]);
  t.like(write(exercism, missing), { status: 'error', message: '04 · Layers, copy on write: nothing was handed in' });
  t.like(write(exercism, unmarked), { status: 'error', tests: [] });
  t.regex(write(exercism, unmarked).message, /the guest did not start/);
  t.like(write(exercism, graded([marked('01')])), { status: 'pass', message: null });
});

test('GitHub Classroom’s reporter adds up what the points are', t => {
  for (const grade of all) {
    t.true(classroomSchema(write(classroom, grade)), JSON.stringify(classroomSchema.errors));
  }
  const { status, max_score, tests } = write(classroom, mixed);
  // As in its notify-classroom.js.
  const total = tests.reduce((sum: number, { score }: { score: number }) => sum + score, 0);
  const points = mixed.lessons.reduce((sum, each) => sum + each.points, 0);
  t.deepEqual([status, total, max_score], ['fail', points, mixed.lessons.reduce((sum, each) => sum + each.outOf, 0)]);
  t.is(
    tests.find(({ name }: { name: string }) => name.startsWith('01 argv')).filename,
    'lessons/01-process/process.test.ts',
  );
});

test('for every task there is a check to show and a line of the lesson’s text to point at', t => {
  for (const each of lessons) {
    for (const { id, todo } of each.tasks) {
      t.truthy(testCode(each, id), `${each.name} ${id}`);
      t.truthy(askedIn(each.text, todo)?.text, `${each.name} TODO ${todo}`);
    }
  }
});
