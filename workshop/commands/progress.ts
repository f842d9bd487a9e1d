// `boxwright progress`: how one fares, and the export of it for an instructor.
import type { Command } from 'commander';

interface Options {
  export?: string | boolean;
  as?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('progress')
    .description('how far you are, what you met most, and what an instructor gets of it')
    .option('--export [file]', 'write what an instructor gets; without a file it is printed')
    .option('--as <name>', 'what you are called in it; remembered')
    .option('--json', 'print { name, board, lessons } with every task that has passed')
    .addHelpText(
      'after',
      '\nAn export has the name that you give, and for each lesson: tasks passed, points, times of the first and last try and of\n' +
        'the last task that passed, verdicts, hints, and how often each known mistake was met. Nothing else: see workshop/class/README.md.\n\n' +
        'Ends with 0, with 2 for wrong usage.',
    )
    .action(async (options: Options) => {
      const { readProgress } = await import('../progress.ts');
      const { makeExport } = await import('../class/export.ts');
      const name = await nameFor(options);
      if (!options.export) return show(options.json ?? false);
      const text = `${JSON.stringify(makeExport(readProgress(), name), null, 2)}\n`;
      if (options.export === true) process.stdout.write(text);
      else {
        (await import('../class/write.ts')).writeNew(options.export, text);
        console.log(`${options.export} has your progress, as ${name}`);
      }
    });
}

/** The one given, which is remembered, or the one remembered. */
async function nameFor(options: Options): Promise<string> {
  const { nameFrom, nameRule } = await import('../class/name.ts');
  const { readMember, updateMember } = await import('../class/member.ts');
  const { UserError } = await import('../errors.ts');
  if (options.as !== undefined) {
    const name = nameFrom(options.as);
    if (name === null) throw new UserError(nameRule, 'choose another: --as NAME', 2);
    updateMember(member => {
      member.name = name;
    });
    return name;
  }
  const { name } = readMember();
  if (name !== null || !options.export) return name ?? '';
  throw new UserError('what are you called?', 'add --as NAME; it is remembered', 2);
}

async function show(json: boolean): Promise<void> {
  const { readMember } = await import('../class/member.ts');
  const { allLessons, pointsOf } = await import('../lessons.ts');
  const { progressOf, readProgress } = await import('../progress.ts');
  const { name, board } = readMember();
  const progress = readProgress();
  const lessons = allLessons().map(lesson => {
    const { history, ...reached } = progressOf(lesson, progress);
    return {
      number: lesson.number,
      name: lesson.name,
      outOf: pointsOf(lesson),
      of: lesson.tasks.length,
      ...reached,
      ...history,
    };
  });
  const shown = board && { url: board.url, name: board.name, reachedAt: board.reachedAt };
  if (json) console.log(JSON.stringify({ name, board: shown, lessons }, null, 2));
  else console.log((await import('../terminal/progress.ts')).showProgress(lessons, shown));
}
