// One lesson while somebody looks at it: a watcher that judges each save, and the learner's container on a stage. Both are one for all who
// look. The verdict comes first; the stage is set anew after it.
import { openWatcher } from '../check/engine.ts';
import { openTeller } from '../class/tell.ts';
import { climb } from '../hints.ts';
import { type Lesson, pointsOf } from '../lessons.ts';
import { nextOpen } from '../next-open.ts';
import { progressOf, readProgress, recordVerdict } from '../progress.ts';
import type { Stage } from '../stage/index.ts';
import { keepStarters } from '../starters.ts';
import { onSave } from '../watch/saves.ts';
import { judge, type Verdict } from '../watch/verdicts.ts';
import { openChannel } from './channel.ts';
import { openContainer } from './container.ts';
import { afterFragment, hintsFragment } from './html/lesson.ts';
import { busyFragment, type Judged, statusFragment, verdictFragment } from './html/verdict.ts';
import type { Room } from './rooms.ts';
import { troubleOf } from './trouble.ts';

export interface LessonRoom extends Room {
  lesson: Lesson;
  /** The container as it runs: when the first verdict is there. Null where there can be none. */
  staged(): Promise<Stage | null>;
  check(): void;
  /** One rung of the ladder, for everybody who may see hints. */
  hint(): void;
}

export interface Around {
  /** Somebody came or went. */
  changed(): void;
  /** The learner's progress is another. */
  progressed(): void;
}

export function openLessonRoom(lesson: Lesson, around: Around): LessonRoom {
  const channel = openChannel(around.changed);
  const board = openTeller(line => console.error(`boxwright: ${line}`));
  const judged: Judged = { verdict: null, busy: true, trouble: null };
  let judging: ReturnType<typeof judge> | null = null;
  let opening: Promise<void> | null = null;
  let closed = false;

  const show = (change: Partial<Judged> = {}) => {
    Object.assign(judged, change);
    channel.set('busy', String(busyFragment(judged)));
    channel.set('status', String(statusFragment(judged, pointsOf(lesson))));
    channel.set('verdict', String(verdictFragment(judged)));
  };
  /** What the learner's progress says, which commands in a terminal change as well. */
  const refresh = () => {
    const progress = readProgress();
    const { hintsShown, status } = progressOf(lesson, progress);
    const next = nextOpen(undefined, progress, lesson);
    channel.set('hints', String(hintsFragment(lesson, Math.min(hintsShown, lesson.hints.length))), { only: 'owner' });
    channel.set('after', String(afterFragment(lesson, status === 'passed', next)), { only: 'owner' });
  };
  const fail = (error: unknown) => show({ busy: false, trouble: troubleOf(error, lesson) });

  /** The watcher, when there is none yet; else a check of the text as it is. */
  function check(at?: number): void {
    if (judging) judging.check(at);
    else
      opening ??= open()
        .catch(fail)
        .finally(() => {
          opening = null;
        });
  }

  async function open(): Promise<void> {
    show({ busy: true });
    keepStarters([lesson]);
    const watcher = await openWatcher(lesson);
    if (closed) return watcher.close();
    judging = judge(watcher, {
      begun: () => show({ busy: true }),
      verdict(verdict) {
        show({ verdict, busy: false, trouble: null });
        // It is on its way to those who wait for it before anything is written down or started.
        setImmediate(() => after(verdict));
      },
      failed: fail,
    });
    judging.check();
  }

  function after({ report }: Verdict): void {
    if (closed) return;
    try {
      recordVerdict(lesson, report);
      refresh();
      around.progressed();
      board.tell();
    } catch (error) {
      fail(error);
    }
    if (report.status !== 'skip') container.set();
    else container.refuse('There is no container to be seen: this machine cannot run the lesson.');
  }

  show();
  refresh();
  // After these, so that what is wanted first is sent first.
  const container = openContainer(lesson, channel);
  let stop = () => {};
  try {
    stop = onSave(lesson.files.lesson, check);
    check();
  } catch (error) {
    fail(error);
  }

  return {
    lesson,
    channel,
    staged: container.staged,
    check: () => check(),
    refresh,
    hint() {
      climb(lesson);
      refresh();
      around.progressed();
    },
    async close(why) {
      closed = true;
      channel.close(why);
      stop();
      board.close();
      await opening;
      await Promise.all([judging?.close(), container.close()]);
    },
  };
}
