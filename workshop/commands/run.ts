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
      const { readFileSync } = await import('node:fs');
      const { requireFile } = await import('../choose.ts');
      const { findLesson } = await import('../lessons.ts');
      const { runInSandbox } = await import('../sandbox/shell.ts');
      const lesson = requireFile(findLesson(wanted));
      const place = await (await import('../remote/place.ts')).placeOf(lesson);
      if (place) {
        const { runThere } = await import('../remote/run.ts');
        const flags = solution ? ['--solution'] : [];
        process.exitCode = await runThere(place, ['run', ...flags, lesson.number, '--', ...command]);
        return;
      }
      const reference = { source: readFileSync(lesson.files.solution, 'utf8'), earlier: 'reference' } as const;
      process.exitCode = await runInSandbox(lesson, command.length > 0 ? command : ['sh'], solution ? reference : {});
    });
}
