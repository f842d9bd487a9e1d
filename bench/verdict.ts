// From saving a file to its verdict: `boxwright watch` runs as a learner's would, in a copy of the repository, and the file
// is saved again and again, right and wrong in turn.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { allLessons, type Lesson } from '../workshop/lessons.ts';
import { type Copy, copyWorkshop } from '../workshop/testing/copy.ts';
import { median } from './measure.ts';

/** Saves of each lesson; fewer of one whose verdicts take seconds, so that all lessons are done in some minutes. */
const rounds = 9;
const slowRounds = 3;

export async function benchVerdict(): Promise<void> {
  const copy = copyWorkshop();
  try {
    const width = Math.max(...allLessons().map(({ title }) => title.length)) + 4;
    const line = (...[name, ...cells]: [string, ...unknown[]]) =>
      `  ${name.padEnd(width)}${cells.map(each => String(each).padStart(9)).join('')}`;
    console.log(`\nFrom save to verdict, milliseconds\n\n${line('', 'least', 'median', 'most', 'saves')}`);
    for (const lesson of allLessons()) {
      const times = (await timeLesson(lesson, copy)).map(Math.round);
      // Each as soon as it is known: the whole takes minutes.
      const figures = [Math.min(...times), median(times), Math.max(...times), times.length];
      console.log(line(`${lesson.number} ${lesson.title}`, ...figures));
    }
  } finally {
    copy.remove();
  }
}

export async function timeLesson(lesson: Lesson, copy: Copy): Promise<number[]> {
  const file = copy.of(lesson.files.lesson);
  const texts = [readFileSync(lesson.files.solution, 'utf8'), readFileSync(lesson.files.lesson, 'utf8')];
  const watch = copy.start('watch', lesson.number, '--json');
  const verdicts = createInterface({ input: watch.stdout as Readable })[Symbol.asyncIterator]();
  const times: number[] = [];
  try {
    await verdicts.next();
    for (let round = 0; round < (times[0] && times[0] > 2000 ? slowRounds : rounds); round++) {
      // A learner types for a while between two saves; meanwhile the next sandbox is made ready.
      await sleep(1000);
      writeFileSync(`${file}.new`, `${texts[round % 2]}// ${round}\n`);
      const saved = performance.now();
      renameSync(`${file}.new`, file);
      const { done } = await verdicts.next();
      if (done) throw new Error(`boxwright watch ${lesson.number} ended`);
      times.push(performance.now() - saved);
    }
    return times;
  } finally {
    watch.kill('SIGTERM');
  }
}
