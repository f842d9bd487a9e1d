// From a failure to the four things that a learner is told. The check's own words first; then the diagnoses, the lesson's
// before the general ones, each of which may know it better.
import type { Lesson, Task } from '../lessons.ts';
import { home } from '../paths.ts';
import { LearnerError } from '../sandbox/session.ts';
import { generalDiagnoses } from './diagnoses.ts';
import { CheckFailure } from './failure.ts';
import type { Checks, Evidence } from './registry.ts';
import type { Feedback, TraceLine } from './report.ts';

interface Failed {
  lesson: Lesson;
  task: Task;
  checks: Checks;
  error: CheckFailure | LearnerError;
  /** What the check did last, in words. */
  did: string;
  trace: TraceLine[];
  source: string;
}

export interface Explained {
  feedback: Feedback;
  diagnosis?: string;
  /** The same for tasks that fail at the same place for the same reason; null when the task failed by itself. */
  cause: string | null;
}

export function explainFailure({ lesson, task, checks, error, did, trace, source }: Failed): Explained {
  const plain = error instanceof CheckFailure ? { look: '', ...error.finding } : describeError(error, did, trace);
  const feedback: Feedback = { did: plain.did, kernel: plain.kernel, means: plain.means, look: plain.look };
  const evidence: Evidence = {
    task: task.id,
    feedback,
    error: error instanceof LearnerError ? error : null,
    trace,
    source,
    find: (name, text) => trace.find(call => call.name === name && (!text || text.test(call.text))),
    index: (name, text) => trace.findIndex(call => call.name === name && (!text || text.test(call.text))),
  };

  let diagnosis = error instanceof CheckFailure ? error.finding.diagnosis : undefined;
  for (const known of [...checks.diagnoses, ...generalDiagnoses]) {
    if (known.tasks && !known.tasks.includes(task.id)) continue;
    const better = known.explain(evidence);
    if (!better) continue;
    Object.assign(feedback, better);
    diagnosis = known.id;
    break;
  }

  feedback.look = [whereToLook(lesson, task, evidence), feedback.look].filter(Boolean).join(' · ');
  return { feedback, ...(diagnosis && { diagnosis }), cause: causeOf(evidence) };
}

/** An error that no check foresaw, in four parts. */
function describeError(error: LearnerError, did: string, trace: TraceLine[]): Feedback {
  // Up to the call that was refused: others may have been made since, to tidy up.
  const end =
    trace.findLastIndex(call => error.error?.call && call.text.startsWith(error.error.call)) + 1 || trace.length;
  const last = trace.slice(Math.max(0, end - 3), end).map(call => call.text);
  const kernel = last.length > 0 ? last.join('\n') : 'nothing: your code made no system call';
  if (error.kind !== 'threw') return { did, kernel, means: `${capital(error.message)}.`, look: '' };

  const { name, message, call, code } = error.error ?? { name: 'Error', message: error.message };
  if (!call) return { did, kernel, means: `Your code threw ${name}: ${message}`, look: '' };
  return {
    did,
    kernel,
    means: `${call.slice(0, call.indexOf('('))} was refused with ${code}, and your code could not go on.`,
    look: `${call.slice(0, call.indexOf('('))}(2), under ERRORS: ${code}`,
  };
}

/** The learner's file with the line that matters: of the call that failed, else of the TODO that is still open. */
function whereToLook(lesson: Lesson, task: Task, { error, trace, source }: Evidence): string {
  const file = lesson.files.lesson.slice(home.length + 1);
  const failing = error && trace.findLast(call => call.result !== null && call.result < 0 && call.file === file);
  const todo = todoLine(source, task.todo);
  const line = failing?.line ?? lineInStack(error?.error?.stack, file) ?? todo?.line;
  return [
    line ? `${file}:${line}` : file,
    todo ? `TODO ${task.todo} is still open: ${todo.text}` : `TODO ${task.todo}`,
  ].join(' · ');
}

/** `// TODO 2: the name.` and its place; undefined when it is no longer there. */
export function todoLine(source: string, todo: number): { line: number; text: string } | undefined {
  const lines = source.split('\n');
  const at = lines.findIndex(line => line.includes(`TODO ${todo}:`));
  if (at < 0) return undefined;
  // Its first sentence. The comment goes on as long as comments follow, up to the next TODO.
  const rest = lines.slice(at + 1);
  const end = rest.findIndex(line => !/^\s*\/\/ (?!TODO)/.test(line));
  const more = rest.slice(0, end).map(line => line.replace(/^\s*\/\/ /, ''));
  const whole = [(lines[at] ?? '').split(`TODO ${todo}:`)[1]?.trim(), ...more].join(' ');
  return { line: at + 1, text: /^.*?[.?!](?=\s|$)/.exec(whole)?.[0] ?? whole };
}

function lineInStack(stack: string | undefined, file: string): number | undefined {
  const at = stack?.indexOf(`${file}:`) ?? -1;
  return at < 0 ? undefined : Number.parseInt(stack?.slice(at + file.length + 1) ?? '', 10) || undefined;
}

function causeOf({ error, trace }: Evidence): string | null {
  if (!error || error.kind === 'silent') return null;
  return `${error.kind} ${error.error?.call ?? error.message} ${trace.at(-1)?.line ?? ''}`.replace(
    /[a-zA-Z0-9]{6}(?=\/)/g,
    '',
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
