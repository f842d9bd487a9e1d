// `boxwright read 03`: the lesson's text in the terminal.
import type { Command } from 'commander';

interface Options {
  solution?: boolean;
  now?: boolean;
  pager: boolean;
}

export function register(program: Command): void {
  program
    .command('read')
    .description("a lesson's text")
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--solution', "the solution's explanation instead, once the lesson is passed")
    .option('--now', 'with --solution: before it is passed')
    .option('--no-pager', 'print it, however long it is')
    .addHelpText('after', '\nA long text goes through $PAGER, or less. Ends with 0; with 1 while the solution is shut.')
    .action(async (wanted: string | undefined, options: Options) => {
      const { lessonOr, requirePassed } = await import('../choose.ts');
      const { showLesson, showExplanation } = await import('../terminal/lesson.ts');
      const { page } = await import('../terminal/pager.ts');
      const lesson = lessonOr(wanted);
      if (options.solution) requirePassed(lesson, options.now);
      await page(options.solution ? showExplanation(lesson) : showLesson(lesson), options.pager);
    });
}
