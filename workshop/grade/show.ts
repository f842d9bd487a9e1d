// Who is being marked, and how far it is: on a terminal a bar for all and a row for each under way; elsewhere a line for each that is done.
// On standard error, so that standard output is the result's.
import { MultiBar, type SingleBar } from 'cli-progress';
import { padTo } from '../terminal/text.ts';
import { clean } from './reports/clean.ts';
import type { Mark, Watcher } from './types.ts';

export interface Show extends Watcher {
  /** It was marked in an earlier run. */
  kept(mark: Mark): void;
  /** A line above the bars. */
  note(line: string): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

export interface ShowOptions {
  submissions: number;
  lessons: number;
  stream?: NodeJS.WriteStream;
}

export function showProgress({ stream = process.stderr, ...options }: ShowOptions): Show {
  return stream.isTTY ? bars(stream, options) : lines(stream, options);
}

const oneLine = (text: string) => clean(text, 160).replace(/\s+/g, ' ');

/** `alice  31 of 40 points, 5 of 6 lessons passed` */
export function inShort(mark: Mark): string {
  const { id, refused } = mark.submission;
  if (mark.outcome === 'error') return `${id}  could not be marked: ${oneLine(mark.reason ?? 'no reason is known')}`;
  const sum = (of: 'points' | 'outOf') => mark.lessons.reduce((all, lesson) => all + lesson[of], 0);
  const passed = mark.lessons.filter(({ status }) => status === 'pass').length;
  const tried = mark.lessons.filter(({ status }) => status !== 'ungraded').length;
  const ended = mark.lessons.filter(({ status }) => status === 'ended').length;
  const more = [ended && `${ended} ended by its bounds`, refused.length && `${refused.length} refused`].filter(Boolean);
  const points = `${sum('points')} of ${sum('outOf')} points, ${passed} of ${tried} lessons passed`;
  return `${id}  ${[points, ...more].join(', ')}`;
}

function lines(stream: NodeJS.WritableStream, { submissions }: ShowOptions): Show {
  let count = 0;
  const note = (line: string) => void stream.write(`${line}\n`);
  const next = () => `${++count}/${submissions}`;
  return {
    begun: () => {},
    lesson: () => {},
    done: mark => note(`${next()}  ${inShort(mark)}`),
    kept: mark => note(`${next()}  ${inShort(mark)} (from before)`),
    note,
    end: () => {},
  };
}

const looks = { barCompleteChar: '━', barIncompleteChar: '╌' };

function bars(stream: NodeJS.WriteStream, { submissions, lessons }: ShowOptions): Show {
  const format = '{name} {bar} {value}/{total} {what}';
  const settings = { stream, format, hideCursor: true, gracefulExit: false, linewrap: false, barsize: 24, fps: 8 };
  const all = new MultiBar({ ...settings, ...looks });
  const named = (name: string) => padTo(name.length > 20 ? `${name.slice(0, 19)}…` : name, 20);
  const total = all.create(submissions, 0, { name: named('all'), what: 'submissions' });
  const rows = new Map<string, SingleBar>();
  let ended = false;

  const close = (id: string) => {
    const row = rows.get(id);
    if (row) all.remove(row);
    rows.delete(id);
  };
  const note = (line: string) => all.log(`${line}\n`);
  return {
    begun({ id }) {
      if (!rows.has(id)) rows.set(id, all.create(lessons, 0, { name: named(id), what: 'lessons' }));
    },
    lesson({ id }, { number, points, outOf, status }) {
      const said = status === 'missing' || status === 'ungraded' ? status : `${points} of ${outOf}`;
      rows.get(id)?.increment(1, { what: `lessons (${number}: ${said})` });
    },
    done(mark) {
      close(mark.submission.id);
      note(inShort(mark));
      total.increment();
    },
    kept: () => total.increment(),
    note,
    end() {
      // Twice is once: at the end of the work, and when Ctrl-C comes before it.
      if (!ended) all.stop();
      ended = true;
    },
  };
}
