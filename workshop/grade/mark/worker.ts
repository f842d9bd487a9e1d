// In the guest: judges a submission's lessons with the workshop's own checks, and says what came of each task as soon as it is known,
// so that a machine that is ended keeps what had been reached. Says it on descriptor 3, which nobody inherits: standard output, which a
// process of the workshop's in the sandbox may have been given, leads nowhere.
import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { conditionsFor } from '../../check/earlier.ts';
import { openChecker, whyNotHere } from '../../check/engine.ts';
import { type Checks, loadChecks } from '../../check/registry.ts';
import type { TaskReport } from '../../check/report.ts';
import { type Facts, machineFacts } from '../../doctor/facts.ts';
import { whyNot } from '../../doctor/needs.ts';
import { allLessons, type Lesson, type Task } from '../../lessons.ts';
import { openSession, type Session } from '../../sandbox/session.ts';
import { shownFor } from '../../sandbox/shows.ts';
import { allOf, coversOf } from './covers.ts';
import type { Order, Said } from './protocol.ts';
import { sealer } from './seal.ts';
import { short, shortTask } from './short.ts';

const { key, lessons } = JSON.parse(await text(process.stdin)) as Order;
const seal = sealer(key);
const say = (said: Said): void => {
  const bytes = Buffer.from(seal(said));
  for (let at = 0; at < bytes.length; ) at += writeSync(3, bytes, at);
};

/** A grader may have more to do than its machine is good for, and nobody's code is wrong for that. */
const slowness = 3;
/** Milliseconds. */
const slow = 3000;

const all = allLessons();
const facts = await machineFacts();
for (const { name, text: source } of lessons) {
  const lesson = all.find(each => each.name === name);
  if (!lesson) throw new Error(`there is no lesson ${name}`);
  say({ is: 'begin', lesson: name });
  const reason = whyNot(lesson.needs, facts);
  if (reason) say({ is: 'ungraded', lesson: name, reason });
  else await judge(lesson, source, facts);
}
say({ is: 'done' });
process.exit(0);

async function judge(lesson: Lesson, source: string, facts: Facts): Promise<void> {
  const begun = performance.now();
  const checks = await loadChecks(lesson);
  const conditions = conditionsFor(lesson, 'reference');
  const shows = shownFor(lesson, all);
  let session: Session | null = null;
  let covers: string[] = [];
  const take = async () => {
    try {
      session = await openSession(lesson, conditions, { shows });
      covers = coversOf(session);
      return session;
    } catch (error) {
      // Nothing of the learner's has run in there yet: this machine is not what it should be, and another is to be tried.
      console.error(error);
      process.exit(70);
    }
  };
  const checker = await openChecker(lesson, checks, { source, conditions, take, slowness });
  // What cannot be loaded once is not tried again: a file that hangs would do so for every task.
  let tried = false;
  let chances = 2;
  for (const task of lesson.tasks) {
    const reason = whyNotHere(lesson, task, facts) ?? whyNotTrusted(task, checks);
    const unloaded = tried && checker.loadError() !== null;
    const report = reason
      ? plain(task, 'skip', reason)
      : unloaded
        ? plain(task, 'blocked', 'the file could not be loaded')
        : await runTask(task);
    tried ||= reason === null;
    say({ is: 'task', lesson: lesson.name, task: shortTask(report) });
  }
  const leaks = await checker.leaks().catch(() => []);
  const error = checker.loadError()?.message ?? null;
  await checker.close();
  say({
    ...({ is: 'end', lesson: lesson.name } as const),
    ...{ error: error && short(error, 20000), leaks: leaks.map(leak => short(leak, 300)) },
    milliseconds: Math.round(performance.now() - begun),
  });

  /** A failure that took long may be this machine's, which has others to serve: such a task has a second chance, in a fresh sandbox. */
  async function runTask(task: Task): Promise<TaskReport> {
    const first = await tryTask(task);
    if (first.status !== 'fail' || first.milliseconds < slow || checker.loadError() || chances-- <= 0) return first;
    await checker.close();
    const second = await tryTask(task);
    return second.status === 'pass' ? second : first;
  }

  /** What comes back may be such that a check stumbles over it: that is the submission's doing when it happens twice. */
  async function tryTask(task: Task): Promise<TaskReport> {
    for (let tries = 0; ; tries++) {
      try {
        const report = await checker.runTask(task);
        const covered = session?.alive ? allOf(covers, coversOf(session)) : [];
        return report.status === 'pass' && covered.length > 0 ? disturbed(task, describe(covered)) : report;
      } catch (error) {
        await checker.close();
        if (tries > 0) return disturbed(task, String(error));
      }
    }
  }
}

const describe = (paths: string[]) => `mounted over the host’s programs: ${paths.join(', ')}`;

/** A task that takes the machine's own root can be judged where the learner means well. Here that root could seal lines of its own. */
function whyNotTrusted(task: Task, checks: Checks): string | null {
  return checks.tasks.get(task.id)?.privileged
    ? 'takes the machine’s own root, and whoever has that could write the verdict: to be tried in the lesson, not in grading'
    : null;
}

function plain({ id, title, points }: Task, status: TaskReport['status'], reason: string): TaskReport {
  return { id, title, points, status, reason, trace: [], milliseconds: 0 };
}

function disturbed(task: Task, kernel: string): TaskReport {
  const { reason: _, ...report } = plain(task, 'fail', '');
  return {
    ...report,
    feedback: {
      did: 'ran the check',
      kernel,
      means: 'The check could not see what it has to see: what your code does is in its way.',
      look: `TODO ${task.todo}`,
    },
    diagnosis: 'check-disturbed',
  };
}
