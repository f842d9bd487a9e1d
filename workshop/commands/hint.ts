// `boxwright hint 03`: the next rung of the ladder.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('hint')
    .description('the next hint; each call says a little more')
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--all', 'every hint that there is')
    .option('--json', 'print { lesson, of, hints: [{ number, text }] }')
    .addHelpText('after', '\nEnds with 0, also when there are no more.')
    .action(async (wanted: string | undefined, { all, json }: { all?: boolean; json?: boolean }) => {
      const { lessonOr } = await import('../choose.ts');
      const { climb } = await import('../hints.ts');
      const { showHints } = await import('../terminal/lesson.ts');
      const lesson = lessonOr(wanted);
      const { from, to } = climb(lesson, all);
      const hints = lesson.hints.slice(from, to).map((text, i) => ({ number: from + i + 1, text }));
      if (json) console.log(JSON.stringify({ lesson: lesson.name, of: lesson.hints.length, hints }, null, 2));
      else if (hints.length > 0) console.log(showHints(lesson, from, to));
      else console.log(`You have seen all ${lesson.hints.length}: ${again(lesson.number)}`);
    });
}

const again = (number: string) =>
  `\`npx boxwright hint ${number} --all\` repeats them, \`npx boxwright solution ${number} --now\` shows the way it is done.`;
