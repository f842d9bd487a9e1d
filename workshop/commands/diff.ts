// `boxwright diff 03`: the learner's file against the solution.
import type { Command } from 'commander';

interface Options {
  now?: boolean;
  pager: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('diff')
    .description('your file against the solution, once the lesson is passed')
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--now', 'before it is passed')
    .option('--no-pager', 'print it, however long it is')
    .option('--json', 'print { lesson, diff }; null where there is no difference')
    .addHelpText(
      'after',
      '\nA unified diff: - yours, + the solution. Ends with 0; with 1 while the lesson is not passed.',
    )
    .action(async (wanted: string | undefined, options: Options) => {
      const { lessonOr, requirePassed } = await import('../choose.ts');
      const { colourDiff, differences } = await import('../terminal/diff.ts');
      const { page } = await import('../terminal/pager.ts');
      const lesson = lessonOr(wanted);
      requirePassed(lesson, options.now);
      const diff = differences(lesson);
      if (options.json) {
        console.log(JSON.stringify({ lesson: lesson.number, diff }, null, 2));
        return;
      }
      await page(diff === null ? 'Your file is the solution, to the letter.' : colourDiff(diff), options.pager);
    });
}
