// `boxwright shell 03`: the other side of the wall, from which the container is looked at.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Lesson } from '../lessons.ts';

export function register(program: Command): void {
  program
    .command('shell')
    .description("a shell on the sandbox's host, where `box CMD` starts your container")
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--solution', "let `box` be the solution's container")
    .addHelpText(
      'after',
      '\nNothing that is done there lasts. As long as you have not touched a lesson, or have skipped it, `box` is the\n' +
        'container of its solution, so that any lesson can be started. Ends with the status of the shell.',
    )
    .action(async (wanted: string | undefined, { solution }: { solution?: boolean }) => {
      const { lessonOr, requireFile } = await import('../choose.ts');
      const { openShell } = await import('../sandbox/shell.ts');
      const lesson = requireFile(lessonOr(wanted));
      const place = await (await import('../remote/place.ts')).placeOf(lesson);
      if (place) {
        const { runThere } = await import('../remote/run.ts');
        process.exitCode = await runThere(place, ['shell', ...(solution ? ['--solution'] : []), lesson.number]);
        return;
      }
      const reference = solution || (await isUntouched(lesson));
      if (reference && process.stdin.isTTY)
        console.log(`\`box\` is the solution's container of lesson ${lesson.number}.`);
      const source = reference ? readFileSync(lesson.files.solution, 'utf8') : undefined;
      process.exitCode = await openShell(lesson, { source, earlier: reference ? 'reference' : 'mine' });
    });
}

/** Skipped, or still the starter: there is nothing of the learner's to try. */
async function isUntouched(lesson: Lesson): Promise<boolean> {
  const { progressOf, readProgress } = await import('../progress.ts');
  const { keepStarters, starterOf } = await import('../starters.ts');
  if (progressOf(lesson, readProgress()).status === 'skipped') return true;
  keepStarters();
  return readFileSync(lesson.files.lesson, 'utf8') === starterOf(lesson);
}
