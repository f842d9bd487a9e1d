// `boxwright trace 03`: what the learner's container is, as system calls, beside the reference's.
import type { Command } from 'commander';

interface Options {
  json?: boolean;
  pager: boolean;
}

export function register(program: Command): void {
  program
    .command('trace')
    .description("your container as system calls, beside the reference's")
    .argument('[lesson]', 'its number or name; by default the first open one')
    .option('--json', 'print { lesson, mine, reference, pairs, error }')
    .option('--no-pager', 'print it, however long it is')
    .addHelpText('after', '\nThe numbers are lines of your file. Ends with 0; with 1 if your code threw an error.')
    .action(async (wanted: string | undefined, options: Options) => {
      const { lessonOr, requireFile } = await import('../choose.ts');
      const { traceLesson } = await import('../check/trace.ts');
      const { align } = await import('../terminal/align.ts');
      const { page } = await import('../terminal/pager.ts');
      const { showTraces } = await import('../terminal/trace.ts');
      const lesson = requireFile(lessonOr(wanted));
      const traces = await traceLesson(lesson);
      if (options.json) {
        const pairs = align(traces.mine, traces.reference);
        console.log(JSON.stringify({ lesson: lesson.name, ...traces, pairs }, null, 2));
      } else await page(showTraces(traces), options.pager);
      process.exitCode = traces.error === undefined ? 0 : 1;
    });
}
