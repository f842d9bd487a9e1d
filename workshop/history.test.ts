import test from 'ava';
import { afterVerdict, longestPause, noHistory, takeOver, tried } from './history.ts';
import { makeReport, makeTask } from './testing/lesson.ts';

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 9, minutes));
const one = (status: 'pass' | 'fail', diagnosis?: string) =>
  makeReport([makeTask('first', 'pass'), makeTask('second', status, diagnosis ? { diagnosis } : {})]);

test('what has ever passed is remembered in its order, and a new task is when one moved', t => {
  let history = afterVerdict(noHistory(), one('fail'), at(0));
  t.like(history, { tasks: ['first'], begunAt: at(0).toISOString(), movedAt: at(0).toISOString(), stuck: 0 });
  history = afterVerdict(history, one('fail'), at(4));
  t.like(history, { movedAt: at(0).toISOString(), triedAt: at(4).toISOString(), stuck: 240 });
  history = afterVerdict(history, one('pass'), at(9));
  t.like(history, { tasks: ['first', 'second'], movedAt: at(9).toISOString(), stuck: 0 });
  history = afterVerdict(history, one('fail'), at(10));
  t.like(history, {
    tasks: ['first', 'second'],
    begunAt: at(0).toISOString(),
    movedAt: at(9).toISOString(),
    stuck: 60,
  });
});

test('a hint begins a lesson, and is work; a night is not, nor a clock that was set back', t => {
  let history = tried(noHistory(), at(0));
  t.like(history, { begunAt: at(0).toISOString(), movedAt: null, stuck: 0 });
  history = tried(history, at(24 * 60));
  t.is(history.stuck, longestPause);
  history = tried(history, at(0));
  t.is(history.stuck, longestPause);
});

test('a diagnosis counts once a verdict, and only while its task fails', t => {
  const twice = makeReport([
    makeTask('a', 'fail', { diagnosis: 'too-early' }),
    makeTask('b', 'fail', { diagnosis: 'too-early' }),
    makeTask('c', 'pass', { diagnosis: 'other' }),
  ]);
  t.deepEqual(afterVerdict(afterVerdict(noHistory(), twice), twice).diagnoses, { 'too-early': 2 });
});

test('it stays small, and keeps what was met most', t => {
  let history = noHistory();
  for (let i = 0; i < 200; i++) {
    const tasks = [makeTask(`t${i}`, 'pass'), makeTask('x', 'fail', { diagnosis: `d${i}` })];
    history = afterVerdict(history, makeReport([...tasks, makeTask('y', 'fail', { diagnosis: 'often' })]));
  }
  t.is(history.tasks.length, 64);
  t.is(Object.keys(history.diagnoses).length, 32);
  t.is(history.diagnoses.often, 200);
});

test('what a file has in place of a history is taken as far as it is one', t => {
  for (const nothing of [undefined, null, 'x', 7, []]) t.deepEqual(takeOver(nothing), noHistory());
  const odd = JSON.parse(
    '{"tasks":["a","A b",7,"a"],"stuck":-1,"triedAt":"soon","diagnoses":{"__proto__":{"x":1},"d":2,"e":"3"}}',
  );
  t.deepEqual(takeOver(odd), { ...noHistory(), tasks: ['a'], diagnoses: { d: 2 } });
});
