import { stripVTControlCharacters as plain } from 'node:util';
import test from 'ava';
import { type ListedLesson, showList } from './list.ts';
import { cells } from './text.ts';

const lesson: ListedLesson = {
  ...{ number: '06', name: '06-uts', title: 'Its own name', minutes: 15, outOf: 8, whyNot: null, next: false },
  ...{ status: 'open', points: 3, passedAt: null, hintsShown: 0, attempts: 1 },
};

test('each lesson is a line with its state, the next one pointed at, and the reason where this machine cannot run it', t => {
  const lessons: ListedLesson[] = [
    { ...lesson, status: 'passed', points: 8 },
    { ...lesson, number: '07', status: 'skipped', points: 0 },
    { ...lesson, number: '08', next: true, whyNot: 'needs Linux 5.11 or newer, and this is 4.19.0' },
  ];
  t.is(
    plain(showList(lessons, 60)),
    [
      'Boxwright                    1 of 3 passed · 11 of 24 points',
      '',
      '  ✔ 06  Its own name                      15 min     8 of  8',
      '  ↷ 07  Its own name                      15 min     0 of  8',
      '→ · 08  Its own name                      15 min     3 of  8',
      '        needs Linux 5.11 or newer, and this is 4.19.0',
    ].join('\n'),
  );
});

test('a long title is wrapped, and nothing is wider than the terminal', t => {
  const lines = plain(showList([{ ...lesson, title: 'a very long title of a lesson, longer than most' }], 60)).split(
    '\n',
  );
  t.true(lines.length > 3);
  t.true(lines.every(line => cells(line) <= 60));
});
