// `boxwright grade`: a class's submissions marked, each in a machine of its own, and reports about them.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Interrupted, UserError } from '../errors.ts';
import type { Road } from '../grade/grade.ts';

export interface GradeOptions {
  lessons?: string;
  rules?: string;
  results: string;
  resume?: boolean;
  again?: boolean;
  jobs?: number;
  ref?: string;
  json?: boolean;
  queue?: string | true;
  work?: boolean;
  emit?: 'kubernetes';
  image?: string;
  namespace?: string;
  collect?: string;
  packed?: string;
}

const explanation = `
A PATH is a folder with lessons/ in it, a tar file of one (plain, gzip or zstd), a git repository (bare, or with a work tree: what is
committed as its HEAD counts, or as --ref), a folder of such submissions, or a text file that lists them, a path a line, if you like
with \`ID = \` in front. Of each only the lessons' own files are read. They are run in disposable virtual machines without a network;
nothing of theirs is run on this machine.

In the results folder: marks/ (what --resume goes by), a folder of reports for each submission, and for the class grades.csv,
grades.json and junit.xml. Rules, reports and what a verdict means: workshop/grade/README.md

Ends with 0 when all were marked, whatever their grades; with 1 if one could not be, 2 for wrong usage, 130 if you stop it: then
--resume goes on.`;

export function register(program: Command): void {
  program
    .command('grade')
    .description('mark a class’s submissions, each in a machine of its own, and write reports')
    .argument('[paths...]', 'what was handed in')
    .option('--lessons <numbers>', 'only these, with commas between')
    .option('--rules <file>', 'the class’s rules: weights, due date, lateness (YAML)')
    .option('--results <folder>', 'where marks and reports go', './grades')
    .addOption(new Option('--resume', 'go on in a results folder: what is marked stays').conflicts('again'))
    .option('--again', 'mark all anew in a results folder')
    .option('--jobs <number>', 'how many at once (default: as many as there are cores and memory for)', whole)
    .option('--ref <name>', 'of repositories, the branch, tag or commit that counts, instead of HEAD')
    .option('--json', 'print { title, grades } with every task')
    .option(
      '--queue [url]',
      'let workers on any machines mark, by a queue on Redis or Valkey; without url, $BOXWRIGHT_QUEUE',
    )
    .addOption(new Option('--work', 'be such a worker, until stopped').conflicts(['emit', 'collect']))
    .addOption(
      new Option('--emit <form>', 'print a job for a cluster, and mark nothing')
        .choices(['kubernetes'])
        .conflicts('queue'),
    )
    .option('--image <name>', 'the image of its pods (workshop/grade/image/Containerfile)')
    .option('--namespace <name>', 'where in the cluster')
    .addOption(
      new Option('--collect <log>', 'take the marks from the log of its pods; - is standard input').conflicts([
        'queue',
        'emit',
      ]),
    )
    .addOption(
      new Option('--packed <file>', 'what a pod does: mark one packed submission, and print the mark').hideHelp(),
    )
    .addHelpText('after', explanation)
    .action(grade);
}

async function grade(paths: string[], options: GradeOptions): Promise<void> {
  if (options.work || options.packed || options.emit)
    return await (await import('../grade/afar/command.ts')).elsewhere(paths, options);
  if (paths.length === 0)
    throw new UserError('nothing to mark', 'name what was handed in (add --help for what it may be)', 2);
  const { allLessons } = await import('../lessons.ts');
  const { chooseRules, gradesOf, markClass } = await import('../grade/grade.ts');
  const { findHanded } = await import('../grade/intake/index.ts');
  const { withJournal } = await import('../grade/journal.ts');
  const { jobsFor, severalAtOnce } = await import('../grade/several.ts');
  const { showProgress } = await import('../grade/show.ts');
  const { keyOf, markSubmission } = await import('../grade/mark/index.ts');

  const known = allLessons();
  const rules = chooseRules(known, options);
  const lessons = known.filter(lesson => rules.lessons.some(({ name }) => name === lesson.name));
  const handed = findHanded(paths);
  const signal = (await import('../errors.ts')).untilInterrupted();
  const { bounds } = rules;

  await withJournal(options.results, options.again ? 'again' : options.resume ? 'resume' : 'new', async journal => {
    const watcher = showProgress({ submissions: handed.length, lessons: lessons.length });
    const { jobs = jobsFor(bounds.memory), ref } = options;
    try {
      const afar = await (await import('../grade/afar/command.ts')).roadAfar(options, {
        lessons,
        bounds,
        signal,
        watcher,
      });
      const here: Road = submissions =>
        severalAtOnce(submissions, (each, more) => markSubmission(each, lessons, bounds, more), {
          jobs,
          signal,
          ...watcher,
        });
      await markClass({ handed, lessons, bounds, ref, journal, keyOf, watcher, signal }, afar ?? here);
    } catch (error) {
      watcher.end();
      if (error instanceof Interrupted)
        console.error(`stopped; what is marked is kept: the same line with --resume goes on`);
      throw error;
    } finally {
      watcher.end();
    }
    const { grades, others } = gradesOf(journal, handed, rules, known);
    await (await import('../grade/reports/index.ts')).writeReports(options.results, grades, rules, known);
    const absent = Object.keys(rules.people).filter(id => !grades.some(({ mark }) => mark.submission.id === id));
    if (absent.length > 0) console.error(`the rules name who has handed in nothing: ${absent.join(', ')}`);
    if (others.length > 0) console.error(`left out, since they were marked for other lessons: ${others.join(', ')}`);
    if (options.json) console.log(JSON.stringify({ title: rules.title, grades }, null, 2));
    else console.log((await import('../grade/summary.ts')).showSummary(grades, rules));
    process.exitCode = grades.some(({ mark }) => mark.outcome === 'error') ? 1 : 0;
  });
}

function whole(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It takes a whole number above 0.');
}
