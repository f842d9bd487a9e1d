// The decks as they are: nothing in them is wrong in form, every lesson has one, and the cuts fill their time.
import { readdirSync } from 'node:fs';
import test from 'ava';
import { allLessons } from '../workshop/lessons.ts';
import { checkDeck } from './check.ts';
import { allCuts, type Cut } from './cuts.ts';
import { allDecks, type Deck } from './deck.ts';
import { readMistake } from './directives/mistake.ts';
import { parseDeck } from './parse.ts';
import { renderStep } from './render/step.ts';
import { findTalk, type Talk, talkOfCut, talkOfDeck } from './talk.ts';

const decks = allDecks();
const cuts = allCuts();
const sittings: Cut[] = cuts.flatMap(cut => ('cuts' in cut ? cut.cuts : [cut]));

test('every lesson has a deck, and part 0 has eight', t => {
  t.deepEqual(
    decks.filter(deck => deck.lesson).map(deck => deck.name),
    allLessons().map(lesson => lesson.name),
  );
  t.is(decks.filter(deck => deck.name.startsWith('part-0/')).length, 8);
});

for (const deck of decks) {
  test(`nothing is wrong in the deck ${deck.name}`, t => {
    t.deepEqual(
      checkDeck(deck).map(({ line, message }) => `${line}: ${message}`),
      [],
    );
  });
}

for (const cut of sittings) {
  test(`${cut.name} fills its ${cut.minutes} minutes`, t => {
    const { minutes, steps } = talkOfCut(cut, decks);
    t.true(Math.abs(minutes - cut.minutes) <= cut.minutes * 0.05, `${minutes} minutes`);
    const last = steps.at(-1);
    t.is(minutes, (last?.at ?? 0) + (last?.minutes ?? 0));
    t.is(new Set(steps.map(step => step.id)).size, steps.length, 'no address twice');
    const agenda = steps.find(step => step.kind === 'agenda');
    for (const { id, at, title } of agenda?.entries ?? []) t.is(steps.find(step => step.id === id)?.at, at, title);
  });
}

test('the term shows every deck whole', t => {
  const shown = new Set(findTalk('term', decks, cuts).steps.map(step => step.id.replace(/^.*--/, '')));
  for (const step of decks.flatMap(deck => talkOfDeck(deck).steps)) t.true(shown.has(step.id), step.id);
});

test('a deck by itself lists its tasks once, on the slide of the exercise, and a cut with no time for that lists them too', t => {
  const lists = (talk: Talk, name: string) =>
    talk.steps.filter(step => {
      return 'deck' in step && step.deck.name === name && renderStep(step, {}).includes('<ol class="tasks');
    });
  for (const deck of decks.filter(each => each.lesson)) {
    const [step, ...others] = lists(talkOfDeck(deck), deck.name);
    t.deepEqual([step?.kind, others], ['exercise', []], deck.name);
  }
  t.deepEqual(
    lists(findTalk('half-day', decks, cuts), '08-pid').map(step => step.kind),
    ['slide'],
  );
});

test('every known mistake comes with its thought and with words of the checks, not with an id alone', t => {
  for (const lesson of allLessons()) {
    for (const file of readdirSync(lesson.files.mistakes)) {
      const { thought, means } = readMistake(lesson, file.replace(/\.ts$/, ''));
      t.true(thought.length > 10 && !/Read README\.md/.test(thought), `${lesson.name}, ${file}: ${thought}`);
      t.true(means.length > 0, `${lesson.name}, ${file}`);
      for (const text of means) t.regex(text, /\p{L}+\s.*\p{L}+\s.*\p{L}+/u, `${lesson.name}, ${file}`);
    }
  }
});

test('what is asked for without being there is the user’s mistake', t => {
  t.throws(() => findTalk('no-such', decks, cuts), { name: 'UserError', message: /no deck or cut "no-such"/ });
  for (const name of ['5', '05', 'pivot-root', '05-pivot-root', 'slides/lessons/05-pivot-root.md']) {
    t.is(findTalk(name, decks, cuts).name, '05-pivot-root');
  }
});

test('what is wrong with a directive, a picture, a link or a length is named', t => {
  const wrong = (body: string): string => {
    const parsed = parseDeck(`## a\n\n${body}\n`);
    const lesson = allLessons()[4] ?? null;
    const file = `${import.meta.dirname}/x.md`;
    const deck: Deck = { name: 'x', title: 'x', lesson, file, slides: parsed.slides, problems: [] };
    return checkDeck(deck)
      .map(({ line, message }) => `${line}: ${message}`)
      .join('\n');
  };
  t.is(wrong('{{figure}}'), '');
  t.regex(wrong('{{picture}}'), /^3: there is no directive/);
  t.regex(wrong('{{console 99}}'), /^3: .*there are 7/);
  t.regex(wrong('{{hint 5}}'), /^3: .*there are 4/);
  t.regex(wrong('{{code pivotRoute}}'), /declares no "pivotRoute"/);
  t.regex(wrong('{{solution contain 3-99}}'), /not the number of a line/);
  t.regex(wrong('{{mistake chroot}}'), /belongs in the notes/);
  t.is(wrong('Note:\n{{mistake chroot}}'), '');
  t.regex(wrong('Note:\n{{mistake no-such}}'), /there is no mistake "no-such"/);
  t.regex(wrong('{{live no-such}}'), /there is no demo/);
  t.regex(wrong('![words](no-such.svg)'), /there is no picture/);
  t.regex(wrong('![](part-0/why.svg)'), /cannot see it/);
  t.regex(wrong('[out](https://example.org)'), /links to slides only/);
  t.regex(wrong('<b>bold</b>'), /tags are not read/);
  t.regex(wrong(`${'word '.repeat(41)}`), /41 words/);
  t.regex(wrong('- a\n'.repeat(7)), /7 points/);
  t.regex(wrong(`\`\`\`console\n$ x\n${'y\n'.repeat(12)}\`\`\``), /13 lines/);
  t.regex(wrong(`\`\`\`console\n$ ${'x'.repeat(95)}\n\`\`\``), /97 columns/);
});
