// JUnit's XML, as Jenkins, GitLab and their like read it: a suite for each lesson, a case for each task. The strictest published schema
// in use is that of Jenkins' xunit plugin (junit-10.xsd), which has properties for suites alone.
import reporter, { type Builder, type TestSuite } from 'junit-report-builder';
import type { Grade } from '../types.ts';
import { inWords, type LessonOutcome, type Outcome } from './outcome.ts';

// Its types speak of a `default` that the module, being CommonJS, does not have.
const builder = reporter as unknown as Builder;

export interface Marked {
  grade: Grade;
  lessons: LessonOutcome[];
}

export function junit(title: string, submissions: Marked[]): string {
  const report = builder.newBuilder().name(title);
  for (const { grade, lessons } of submissions) {
    const { id } = grade.mark.submission;
    // Dots separate packages there, so that a submission is one, whatever its name.
    const packageName = id.replaceAll('.', '_');
    const suite = (name: string) => {
      const made = report.testSuite().name(name);
      return made.timestamp(grade.mark.markedAt.slice(0, 19)).property('submission', id);
    };
    if (grade.mark.outcome === 'error') unmarked(suite(packageName), grade);
    else for (const lesson of lessons) addLesson(suite(`${packageName}.${lesson.name}`), packageName, lesson);
  }
  // The library counts what was skipped in the root as well, which the schema does not know.
  return `${report.build().replace(/(<testsuites [^\n]*?) skipped="\d+"/, '$1')}\n`;
}

function unmarked(suite: TestSuite, { mark }: Grade): void {
  suite.property('outcome', 'error').time(seconds(mark.milliseconds));
  const reason = mark.reason ?? 'no reason is known';
  suite.testCase().className('grader').name('marked').time(0).error('the grader failed', 'grader', reason);
}

function addLesson(suite: TestSuite, packageName: string, lesson: LessonOutcome): void {
  suite.time(seconds(lesson.milliseconds));
  suite.property('lesson', `${lesson.number} · ${lesson.title}`).property('status', lesson.status);
  suite.property('points', String(lesson.points)).property('outOf', String(lesson.outOf));
  if (lesson.reason) suite.property('reason', oneLine(lesson.reason));
  for (const leak of lesson.leaks) suite.property('left behind', oneLine(leak));
  for (const task of lesson.tasks) addTask(suite, `${packageName}.${lesson.name}`, task);
}

function addTask(suite: TestSuite, className: string, task: Outcome): void {
  const one = suite.testCase().className(className).name(`${task.id}: ${task.title}`).time(seconds(task.milliseconds));
  if (task.verdict === 'pass') return;
  if (task.verdict === 'skip' || task.verdict === 'ungraded') one.skipped().standardOutput(inWords(task));
  else if (task.verdict === 'fail')
    one.failure(oneLine(task.feedback?.means ?? ''), 'failure').stacktrace(inWords(task));
  else one.error(oneLine(task.reason ?? ''), task.verdict, inWords(task));
}

const seconds = (milliseconds: number) => Math.round(milliseconds) / 1000;

/** In an attribute a reader makes spaces of line ends anyway. XML 1.0, 3.3.3 */
const oneLine = (text: string) => text.replace(/\s*\n\s*/g, ' ');
