// `box`: the command that lessons 1 to 17 add up to. One file a command, under `commands/`; a new one needs no more than that.
import { readdirSync, readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { ImageError } from '#images';

/** What a file in `commands/` exports. */
export interface CommandModule {
  register(program: Command): void;
}

export async function main(argv: string[]): Promise<void> {
  const program = new Command('box')
    .description('Images and containers, by your own code.')
    .version(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
    .showHelpAfterError('(add --help for what it takes)')
    .enablePositionalOptions()
    .exitOverride();
  for (const file of commandFiles(argv[0])) {
    const { register } = (await import(new URL(file, folder).href)) as CommandModule;
    register(program);
  }
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(141);
    throw error;
  });
  try {
    if (argv.length > 0) await program.parseAsync(argv, { from: 'user' });
    else program.outputHelp();
  } catch (error) {
    process.exitCode = report(error);
  }
}

const folder = new URL('./commands/', import.meta.url);

/** The one that was asked for, since reading them all takes longer; else all, for help and suggestions. */
function commandFiles(wanted?: string): string[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const only = files.filter(file => file === `${wanted}.ts`);
  return only.length > 0 ? only : files.sort();
}

/** One line and the next action for what is wrong outside; the stack, and where to send it, for what is wrong in here. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 1 ? 2 : error.exitCode;
  if (error instanceof ImageError) {
    console.error(`box: ${error.message}`);
    if (error.next) console.error(`next: ${error.next}`);
    return 1;
  }
  console.error(error);
  console.error('This is a bug of Boxwright, not yours. Please report it with the lines above.');
  return 70;
}

// Whose lessons it is made of, whoever starts it this way has said with --conditions; box.mjs decides by what is passed.
if (import.meta.main) await main(process.argv.slice(2));
