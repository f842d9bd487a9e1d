// What every lesson promises (CONTRIBUTING.md, "A lesson"): its folder has every part, the starter fails for its TODOs, the
// solution passes, and every known mistake is rejected with the diagnosis that it names.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import { checkLesson, whyNotHere } from './check/engine.ts';
import { todoLine } from './check/explain.ts';
import { loadChecks } from './check/registry.ts';
import type { Facts } from './doctor/facts.ts';
import { allLessons, type Lesson, type Task } from './lessons.ts';
import { home } from './paths.ts';
import { factsFor } from './remote/place.ts';

/** What each lesson's machine can do: this one, or a guest. */
const facts = new Map(
  await Promise.all(allLessons().map(async lesson => [lesson.name, await factsFor(lesson)] as const)),
);
const whyNot = (lesson: Lesson, task: Task) => whyNotHere(lesson, task, facts.get(lesson.name) as Facts);
const read = (file: string) => readFileSync(file, 'utf8');

/** The tasks that can be tried on this machine; the others are skipped with a reason, which the log repeats. */
const possible = (lesson: Lesson) => lesson.tasks.filter(task => !whyNot(lesson, task));

interface Mistake {
  name: string;
  source: string;
  rejectedBy: string;
  diagnosis: string;
}

function mistakesOf(lesson: Lesson): Mistake[] {
  return readdirSync(lesson.files.mistakes).map(name => {
    const source = read(`${lesson.files.mistakes}/${name}`);
    const header = (key: string) => new RegExp(`^// ${key}: (\\S+)$`, 'm').exec(source)?.[1] ?? '';
    return { name, source, rejectedBy: header('rejected by'), diagnosis: header('diagnosis') };
  });
}

test('every lesson folder is a lesson, and every solution folder belongs to one', t => {
  const names = allLessons().map(lesson => lesson.name);
  t.deepEqual(readdirSync(`${home}/lessons`).sort(), names);
  t.deepEqual(readdirSync(`${home}/solutions`).sort(), names);
  const { imports } = JSON.parse(read(`${home}/package.json`));
  for (const { name, number, slug } of allLessons()) {
    t.deepEqual(imports[`#${name}`], {
      [`solved-${number}`]: `./solutions/${name}/${slug}.ts`,
      solution: `./solutions/${name}/${slug}.ts`,
      default: `./lessons/${name}/${slug}.ts`,
    });
  }
});

for (const lesson of allLessons()) {
  const { number, slug } = lesson;

  test(`lesson ${number} has every part, and no other file`, async t => {
    t.deepEqual(
      readdirSync(`${home}/lessons/${lesson.name}`).sort(),
      ['README.md', 'figure.svg', `${slug}.test.ts`, `${slug}.ts`].sort(),
    );
    t.deepEqual(readdirSync(`${home}/solutions/${lesson.name}`).sort(), ['README.md', 'mistakes', `${slug}.ts`].sort());
    t.true(lesson.title.length > 0 && lesson.minutes > 0 && /^\d+\.\d+$/.test(lesson.needs.kernel));
    t.is(lesson.hints.length, 4, 'a hint for each rung');
    for (const hint of lesson.hints) t.true(hint.length > 20);
    t.regex(lesson.text, /!\[[^\]]{20,}\]\(figure\.svg\)\n+<details><summary>As text<\/summary>\n\n```text\n/);
    t.regex(lesson.text, /```console before\n/, 'an attack that succeeds');
    t.regex(lesson.text, /```console\n/, 'and one that fails');
    t.true(read(lesson.files.explanation).length > 1000);

    const { tasks } = await loadChecks(lesson);
    t.deepEqual([...tasks.keys()].sort(), lesson.tasks.map(task => task.id).sort());
    for (const task of lesson.tasks) {
      t.true(task.points > 0 && task.title.length > 0);
      t.truthy(todoLine(read(lesson.files.lesson), task.todo), `the starter has TODO ${task.todo}, for ${task.id}`);
    }
    t.notRegex(read(lesson.files.solution), /TODO/);
    const lines = read(lesson.files.lesson).trimEnd().split('\n').length;
    t.true(lines <= 120, `the starter has ${lines} lines`);
  });

  test.serial(`the starter of lesson ${number} fails, and every TODO is named`, async t => {
    const source = read(lesson.files.lesson);
    const report = await checkLesson(lesson, { source, earlier: 'reference', slowness: 3 });
    t.is(report.status, 'fail');
    const looks = report.tasks.map(task => task.feedback?.look ?? '').join('\n');
    for (const todo of new Set(possible(lesson).map(task => task.todo))) {
      t.true(looks.includes(`TODO ${todo} is still open`), `TODO ${todo} is named`);
    }
    for (const { feedback } of report.tasks) {
      if (feedback)
        for (const part of [feedback.did, feedback.kernel, feedback.means, feedback.look]) t.true(part.length > 0);
    }
  });

  test.serial(`the solution of lesson ${number} passes, twice, and leaves nothing`, async t => {
    const source = read(lesson.files.solution);
    for (let time = 0; time < 2; time++) {
      const report = await checkLesson(lesson, { source, earlier: 'reference', slowness: 10 });
      for (const task of report.tasks) {
        if (task.status === 'skip') t.log(`${task.id} is skipped: ${task.reason}`);
        else t.is(task.status, 'pass', JSON.stringify({ ...task, trace: undefined }, null, 1));
      }
      t.deepEqual(report.leaks, []);
    }
  });

  test(`lesson ${number} knows at least five mistakes, each by name`, t => {
    const mistakes = mistakesOf(lesson);
    t.true(mistakes.length >= 5, `${mistakes.length} mistakes`);
    for (const { name, source, rejectedBy, diagnosis } of mistakes) {
      t.true(name.endsWith('.ts'), name);
      t.truthy(
        lesson.tasks.find(task => task.id === rejectedBy),
        `${name} names a task`,
      );
      t.true(diagnosis.length > 0 && source !== read(lesson.files.solution), name);
    }
  });

  for (const { name, source, rejectedBy, diagnosis } of existsSync(lesson.files.mistakes) ? mistakesOf(lesson) : []) {
    const task = lesson.tasks.find(each => each.id === rejectedBy);
    const reason = task && whyNot(lesson, task);
    const title = `lesson ${number} rejects ${name} by ${rejectedBy}, and says ${diagnosis}`;
    if (reason) test.skip(`${title} (${reason})`, () => {});
    else {
      test.serial(title, async t => {
        // That task alone: what else it gets wrong is not promised, and hundreds of mistakes take their time.
        const report = await checkLesson(lesson, { source, earlier: 'reference', only: [rejectedBy], slowness: 3 });
        const found = report.tasks.find(each => each.id === rejectedBy);
        const { trace, ...rest } = found ?? { trace: [] };
        if (found?.diagnosis !== diagnosis)
          t.log(JSON.stringify(rest, null, 1), trace.map(call => call.text).join('\n'));
        t.is(found?.status, 'fail');
        t.is(found?.diagnosis, diagnosis);
      });
    }
  }
}
