// Watching on a terminal: the screen holds the last verdict, and single keys do the rest.
import { openTeller } from '../class/tell.ts';
import { UserError } from '../errors.ts';
import { climb } from '../hints.ts';
import type { Lesson } from '../lessons.ts';
import { nextOpen } from '../next-open.ts';
import { progressOf, readProgress, recordVerdict } from '../progress.ts';
import { showHints } from '../terminal/lesson.ts';
import { drawWatch, type View } from '../terminal/watch.ts';
import { type Aside, asides } from './asides.ts';
import { readKeys } from './keys.ts';
import { onSave } from './saves.ts';
import { untilSignal } from './signals.ts';
import { judge, type Watcher } from './verdicts.ts';

/** What ended it: a status for the shell, or the lesson to go on with. */
export type End = number | Lesson;

export async function watchOnScreen(lesson: Lesson, opening: Promise<Watcher>): Promise<End> {
  const view: View = { lesson, verdict: null, notice: '', busy: true, next: undefined, keys: process.stdin.isTTY };
  let aside = false;
  let goOn: Lesson | null = null;
  const ended = untilSignal(() => !aside);
  const draw = (change: Partial<View> = {}) => {
    Object.assign(view, change);
    if (!aside) process.stdout.write(drawWatch(view));
  };
  const redraw = () => draw();

  const passed = () => progressOf(lesson, readProgress()).status === 'passed';
  const actions: Record<string, () => void> = {
    h() {
      const { from, to } = climb(lesson);
      draw({
        notice:
          from < to ? showHints(lesson, from, to) : `no more hints; \`npx boxwright hint ${lesson.number} --all\``,
      });
    },
    n() {
      // One that has passed stays passed, also while its text fails again.
      goOn = view.next ?? (passed() ? nextOpen(undefined, undefined, lesson) : undefined) ?? null;
      if (goOn) ended.resolve(0);
      else
        draw({
          notice: passed() ? 'no lesson is open any more' : `first pass it; or \`npx boxwright skip ${lesson.number}\``,
        });
    },
    d() {
      if (passed()) stepAside(asides.d);
      else draw({ notice: `opens when you pass; at once with \`npx boxwright diff ${lesson.number} --now\`` });
    },
    l: () => stepAside(asides.l),
    r: () => stepAside(asides.r),
    t: () => stepAside(asides.t),
    q: () => ended.resolve(0),
    'ctrl-c': () => ended.resolve(130),
    enter: () => judging?.check(),
  };

  const keys = readKeys(key => actions[key]?.());
  /** The terminal is another's for a while; verdicts go on, unseen. */
  function stepAside(show: Aside): void {
    aside = true;
    keys?.suspend();
    show(lesson)
      .then(interrupted => {
        if (interrupted) ended.resolve(130);
        return '';
      })
      .catch(error => {
        if (error instanceof UserError) return `${error.message}\nnext: ${error.next}`;
        ended.reject(error);
        return '';
      })
      .then(notice => {
        aside = false;
        keys?.resume();
        draw({ notice });
      });
  }

  const board = openTeller(notice => draw({ notice }));
  draw();
  process.stdout.on('resize', redraw);
  let judging: ReturnType<typeof judge> | null = null;
  let stop = () => {};
  try {
    const watcher = await Promise.race([opening, ended.status]);
    if (typeof watcher === 'number') return watcher;
    judging = judge(watcher, {
      begun: () => draw({ busy: true }),
      verdict(verdict) {
        draw({ verdict, busy: false, notice: '' });
        recordVerdict(lesson, verdict.report);
        board.tell();
        if (verdict.report.status === 'pass') draw({ next: nextOpen(undefined, undefined, lesson) });
      },
      failed: ended.reject,
    });
    stop = onSave(lesson.files.lesson, judging.check);
    judging.check();
    const status = await ended.status;
    return goOn ?? status;
  } finally {
    stop();
    board.close();
    keys?.suspend();
    process.stdout.off('resize', redraw);
    process.stdout.write('\n');
    if (judging) await judging.close();
    else await opening.then(watcher => watcher.close()).catch(() => {});
  }
}
