// `boxwright shell 03`: the other side of the wall, from which the container is looked at.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('shell')
    .description("a shell on the sandbox's host, where `box CMD` starts your container")
    .argument('[lesson]', 'its number or name; by default the first open one')
    .addHelpText('after', '\nNothing that is done there lasts. Ends with the status of the shell.')
    .action(async (wanted: string | undefined) => {
      const { lessonOr, requireFile } = await import('../choose.ts');
      const { openShell } = await import('../sandbox/shell.ts');
      process.exitCode = await openShell(requireFile(lessonOr(wanted)));
    });
}
