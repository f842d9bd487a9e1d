// `boxwright solution 03`: the reference's file, and why it works.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';

interface Options {
  now?: boolean;
  pager: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('solution')
    .description('the solution and its explanation, once the lesson is passed')
    .argument('<lesson>', 'its number or name')
    .option('--now', 'before it is passed')
    .option('--no-pager', 'print it, however long it is')
    .option('--json', 'print { lesson, file, code, explanation }')
    .addHelpText('after', '\nEnds with 0; with 1 while the lesson is not passed.')
    .action(async (wanted: string, options: Options) => {
      const { findLesson } = await import('../lessons.ts');
      const { requirePassed } = await import('../choose.ts');
      const { showSolution } = await import('../terminal/lesson.ts');
      const { page } = await import('../terminal/pager.ts');
      const lesson = findLesson(wanted);
      requirePassed(lesson, options.now);
      const { solution: file, explanation } = lesson.files;
      if (!options.json) return page(showSolution(lesson), options.pager);
      const [code, why] = [file, explanation].map(path => readFileSync(path, 'utf8'));
      console.log(JSON.stringify({ lesson: lesson.name, file, code, explanation: why }, null, 2));
    });
}
