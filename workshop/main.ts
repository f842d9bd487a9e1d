// The command line: one file a command, under `commands/`. Without a command, on a terminal, the menu opens.
import { readdirSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { UserError } from './errors.ts';

/** What a file in `commands/` exports. */
export interface CommandModule {
  register(program: Command): void;
}

export async function main(argv: string[]): Promise<void> {
  const program = new Command('boxwright')
    .description('Build your own container, one system call at a time.')
    .showHelpAfterError('(add --help for what it takes)')
    .enablePositionalOptions()
    .exitOverride();

  const folder = new URL('./commands/', import.meta.url);
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const { register } = (await import(new URL(file, folder).href)) as CommandModule;
    register(program);
  }

  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** One line and the next action for the user's mistakes; the stack, and where to send it, for ours. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 1 ? 2 : error.exitCode;
  if (error instanceof UserError) {
    console.error(`boxwright: ${error.message}\nnext: ${error.next}`);
    return error.status;
  }
  console.error(error);
  console.error('This is a bug of Boxwright, not yours. Please report it with the lines above.');
  return 70;
}
