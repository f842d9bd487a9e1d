// Plain AVA: each task of a check file becomes a test. Used by CI and grading; `node --conditions=solution` checks the
// reference in place of the learner's file.
import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findLesson } from '../lessons.ts';
import { factsFor } from '../remote/place.ts';
import { openChecker, whyNotHere } from './engine.ts';
import { registered } from './registry.ts';

const lesson = findLesson(basename(dirname(fileURLToPath(test.meta.file))));
const solved = process.execArgv.includes('--conditions=solution');
const source = readFileSync(solved ? lesson.files.solution : lesson.files.lesson, 'utf8');
const facts = await factsFor(lesson);

let checker: Awaited<ReturnType<typeof openChecker>> | undefined;
test.after.always(() => checker?.close());

export function register(id: string): void {
  const task = lesson.tasks.find(each => each.id === id);
  if (!task) throw new Error(`${lesson.files.readme} has no task ${id}`);
  const reason = whyNotHere(lesson, task, facts);
  if (reason) {
    test.serial.skip(`${task.title} (${reason})`, () => {});
    return;
  }
  test.serial(task.title, async t => {
    // The solution ends, however busy the machine is.
    const [earlier, slowness] = solved ? (['reference', 10] as const) : (['mine', 1] as const);
    checker ??= await openChecker(lesson, registered(), { source, earlier, slowness });
    const report = await checker.runTask(task);
    if (report.status === 'skip') t.log(`skipped: ${report.reason}`);
    if (report.status === 'pass' || report.status === 'skip') return t.pass();
    for (const line of report.trace) t.log(line.text);
    const { did, kernel, means, look } = report.feedback ?? {
      did: '',
      kernel: '',
      means: report.reason ?? '',
      look: '',
    };
    t.fail(`did: ${did}\nkernel: ${kernel}\nmeans: ${means}\nlook: ${look}`);
  });
}
