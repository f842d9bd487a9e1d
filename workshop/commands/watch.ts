// `boxwright watch 03`: a verdict at every save.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('watch')
    .description('check your file whenever you save it')
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--json', 'a line of JSON for every verdict, as `check` reports it, with { changed, sinceSave }')
    .addHelpText(
      'after',
      '\nWithout a terminal it prints a report for every verdict, until a signal ends it.\nEnds with 0 on q, with 130 on Ctrl-C.',
    )
    .action(async (wanted: string | undefined, { json = false }: { json?: boolean }) => {
      const { lessonOr, requireFile } = await import('../choose.ts');
      const { keepStarters } = await import('../starters.ts');
      const { openWatcher } = await import('../check/engine.ts');
      let lesson = requireFile(lessonOr(wanted));
      keepStarters([lesson]);
      if (json || !process.stdout.isTTY) {
        const { watchPlainly } = await import('../watch/plain.ts');
        process.exitCode = await watchPlainly(lesson, openWatcher(lesson), json);
        return;
      }
      const { watchOnScreen } = await import('../watch/screen.ts');
      for (;;) {
        const end = await watchOnScreen(lesson, openWatcher(lesson));
        if (typeof end === 'number') {
          process.exitCode = end;
          return;
        }
        lesson = requireFile(end);
        keepStarters([lesson]);
      }
    });
}
