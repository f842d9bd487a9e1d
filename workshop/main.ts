// The command line: one file a command, under `commands/`. Without a command, on a terminal, the menu opens.
import { readdirSync, readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { Command, CommanderError } from 'commander';
import { Interrupted, UserError } from './errors.ts';
import { cache } from './paths.ts';

/** What a file in `commands/` exports. */
export interface CommandModule {
  register(program: Command): void;
}

export async function main(argv: string[]): Promise<void> {
  // Node strips the types of a file once, not at every start.
  enableCompileCache(`${cache}/compiled`);
  const program = new Command('boxwright')
    .description('Build your own container, one system call at a time.')
    .version(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
    .showHelpAfterError('(add --help for what it takes)')
    .enablePositionalOptions()
    .exitOverride();

  for (const file of commandFiles(argv[0])) {
    const { register } = (await import(new URL(file, folder).href)) as CommandModule;
    register(program);
  }

  const run = async (args: string[]) => {
    try {
      await program.parseAsync(args, { from: 'user' });
    } catch (error) {
      process.exitCode = report(error);
    }
  };
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(141);
    throw error;
  });

  if (argv.length > 0) return run(argv);
  if (process.stdin.isTTY && process.stdout.isTTY) {
    const { openMenu } = await import('./menu.ts');
    return openMenu(run).catch(error => {
      process.exitCode = report(error);
    });
  }
  await run(['list']);
  console.log();
  program.outputHelp();
}

const folder = new URL('./commands/', import.meta.url);

/** The one that was asked for, because reading them all takes longer than most of them do; else all, for help and suggestions. */
function commandFiles(wanted?: string): string[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const only = files.filter(file => file === `${wanted}.ts`);
  return only.length > 0 ? only : files.sort();
}

/** One line and the next action for the user's mistakes; the stack, and where to send it, for ours. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 1 ? 2 : error.exitCode;
  // Ctrl-C at a prompt.
  if (error instanceof Error && error.name === 'ExitPromptError') return 130;
  if (error instanceof Interrupted) return error.status;
  if (error instanceof UserError) {
    console.error(`boxwright: ${error.message}\nnext: ${error.next}`);
    return error.status;
  }
  console.error(error);
  console.error('This is a bug of Boxwright, not yours. Please report it with the lines above.');
  return 70;
}
