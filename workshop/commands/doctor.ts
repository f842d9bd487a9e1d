// `boxwright doctor`: what this machine can do, what it lacks and what to do about it, and the lessons that can run here.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('doctor')
    .description('look at this machine: what it can do, what it lacks, and which lessons can run here')
    .option('--json', 'print findings and lessons as JSON')
    .addHelpText('after', '\nEnds with 0 if every lesson can run here, else with 1. Changes nothing on the machine.')
    .action(async ({ json }: { json?: boolean }) => {
      const { examine } = await import('../doctor/findings.ts');
      const { verdicts } = await import('../doctor/verdict.ts');
      const [findings, lessons] = await Promise.all([examine(), verdicts()]);
      if (json) console.log(JSON.stringify({ findings, lessons }, null, 2));
      else console.log((await import('../doctor/show.ts')).show(findings, lessons));
      process.exitCode = lessons.every(({ whyNot }) => whyNot === null) ? 0 : 1;
    });
}
