// `boxwright next`: where to go on.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('next')
    .description('the first open lesson, and how to begin it')
    .option('--json', 'print { lesson }, null when none is open')
    .addHelpText('after', '\nEnds with 0.')
    .action(async ({ json }: { json?: boolean }) => {
      const { nextOpen } = await import('../next-open.ts');
      const { showNext } = await import('../terminal/lesson.ts');
      const lesson = nextOpen();
      console.log(json ? JSON.stringify({ lesson: lesson?.name ?? null }, null, 2) : showNext(lesson));
    });
}
