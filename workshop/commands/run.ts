// `boxwright run 03 -- sh`: the learner's own container, as far as it goes, on this terminal.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('run')
    .description('a command in your container, as far as it goes')
    .argument('<lesson>', 'its number or name')
    .argument('[command...]', 'after --, the command and its arguments; sh by default', [])
    .option('--solution', "the solution's container instead")
    .addHelpText(
      'after',
      '\nIt runs in a sandbox, and nothing that it does lasts. Ends with the status of the command.',
    )
    .action(async (wanted: string, command: string[], { solution }: { solution?: boolean }) => {
      const { requireFile } = await import('../choose.ts');
      const { findLesson } = await import('../lessons.ts');
      const { runLesson } = await import('../remote/run.ts');
      const lesson = requireFile(findLesson(wanted));
      process.exitCode = await runLesson(lesson, command.length > 0 ? command : ['sh'], solution);
    });
}
