// `boxwright read 03`: the lesson's text in the terminal.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';

interface Options {
  solution?: boolean;
  now?: boolean;
  pager: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('read')
    .description("a lesson's text")
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--solution', "the solution's explanation instead, once the lesson is passed")
    .option('--now', 'with --solution: before it is passed')
    .option('--no-pager', 'print it, however long it is')
    .option('--json', 'print { lesson, title, text }, the text in Markdown')
    .addHelpText('after', '\nA long text goes through $PAGER, or less. Ends with 0; with 1 while the solution is shut.')
    .action(async (wanted: string | undefined, options: Options) => {
      const { lessonOr, requirePassed } = await import('../choose.ts');
      const { showLesson, showExplanation } = await import('../terminal/lesson.ts');
      const { page } = await import('../terminal/pager.ts');
      const lesson = lessonOr(wanted);
      if (options.solution) requirePassed(lesson, options.now);
      if (options.json) {
        const text = options.solution ? readFileSync(lesson.files.explanation, 'utf8') : lesson.text;
        console.log(JSON.stringify({ lesson: lesson.number, title: lesson.title, text }, null, 2));
        return;
      }
      await page(options.solution ? showExplanation(lesson) : showLesson(lesson), options.pager);
    });
}
