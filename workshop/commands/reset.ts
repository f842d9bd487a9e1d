// `boxwright reset 03`: the starter again, and the learner's text kept.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('reset')
    .description("a lesson's file as it was at first; your text is kept aside")
    .argument('<lesson>', 'its number or name')
    .option('--json', 'print { lesson, kept }')
    .addHelpText('after', '\nAsks nothing, loses nothing: it prints where your text lies. Ends with 0.')
    .action(async (wanted: string, { json }: { json?: boolean }) => {
      const { relative } = await import('node:path');
      const { findLesson } = await import('../lessons.ts');
      const { home } = await import('../paths.ts');
      const { reset } = await import('../starters.ts');
      const lesson = findLesson(wanted);
      const kept = reset(lesson);
      if (json) return console.log(JSON.stringify({ lesson: lesson.name, kept }, null, 2));
      const file = relative(home, lesson.files.lesson);
      console.log(
        kept ? `${file} is the starter again; your text is in ${relative(home, kept)}` : `${file} is the starter`,
      );
    });
}
