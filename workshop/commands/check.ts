// `boxwright check 03`: the verdict, once.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { LessonReport } from '../check/report.ts';
import type { Lesson } from '../lessons.ts';

interface Options {
  all?: boolean;
  json?: boolean;
  solution?: boolean;
  trace?: boolean;
}

export function register(program: Command): void {
  program
    .command('check')
    .description('check your file: what the kernel says of your container, and points for what is true')
    .argument('[lessons...]', 'their numbers or names')
    .option('--all', 'every lesson')
    .option('--json', 'print { status, points, outOf, lessons } with every task and its system calls')
    .option('--solution', "check the solution's file instead; counts for nothing")
    .option('--trace', 'with each failure, the system calls that led to it')
    .addHelpText(
      'after',
      '\nEnds with 0 if every lesson passed or was skipped with a reason, with 1 if one failed, 2 for wrong usage, 130 if you stop it.',
    )
    .action(async (wanted: string[], options: Options) => {
      const lessons = await chosen(wanted, options);
      const signal = (await import('../errors.ts')).untilInterrupted();
      const show = options.json ? null : await shower(lessons.length, options);
      const reports: LessonReport[] = [];
      const { tellLater } = await import('../class/tell.ts');
      for (const lesson of lessons) {
        const report = await verdict(lesson, options, signal);
        reports.push(report);
        show?.(lesson, report);
      }
      if (options.json) console.log(JSON.stringify(total(reports), null, 2));
      else if (reports.length > 1) console.log((await import('../terminal/report.ts')).showTotal(reports));
      if (!options.solution) tellLater();
      process.exitCode = total(reports).status === 'fail' ? 1 : 0;
    });
}

async function chosen(wanted: string[], { all, solution }: Options): Promise<Lesson[]> {
  const { UserError } = await import('../errors.ts');
  const { allLessons, findLesson } = await import('../lessons.ts');
  const { requireFile } = await import('../choose.ts');
  const { keepStarters } = await import('../starters.ts');
  if (!all && wanted.length === 0) throw new UserError('which lesson?', 'give its number, or --all', 2);
  const lessons = all ? allLessons() : [...new Map(wanted.map(findLesson).map(each => [each.name, each])).values()];
  if (!solution) keepStarters(lessons.map(requireFile));
  return lessons;
}

async function verdict(lesson: Lesson, { solution }: Options, signal: AbortSignal): Promise<LessonReport> {
  const { checkLesson } = await import('../check/engine.ts');
  if (solution) {
    return checkLesson(lesson, { source: readFileSync(lesson.files.solution, 'utf8'), earlier: 'reference', signal });
  }
  const report = await checkLesson(lesson, { signal });
  (await import('../progress.ts')).recordVerdict(lesson, report);
  return report;
}

/** One lesson in full; of several, those that passed in a line. */
async function shower(howMany: number, { solution, trace = false }: Options) {
  const { showReport, showSummary, showFooter } = await import('../terminal/report.ts');
  return (lesson: Lesson, report: LessonReport) => {
    if (howMany > 1 && report.status !== 'fail') return console.log(showSummary(report));
    console.log(showReport(report, { trace }));
    console.log(howMany > 1 ? '' : showFooter(report, solution ? null : lesson.number));
  };
}

function total(lessons: LessonReport[]) {
  const sum = (of: (report: LessonReport) => number) => lessons.reduce((all, report) => all + of(report), 0);
  const [points, outOf] = [sum(report => report.points), sum(report => report.outOf)];
  const has = (status: LessonReport['status']) => lessons.some(report => report.status === status);
  const status = has('fail') ? 'fail' : has('pass') ? 'pass' : 'skip';
  return { status, points, outOf, lessons } as const;
}
