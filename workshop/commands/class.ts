// `boxwright class`: an instructor's board of who is where, from exports or live.
import type { Command } from 'commander';

interface Options {
  serve?: boolean;
  listen?: string;
  file?: string;
  forget?: string | boolean;
  yes?: boolean;
  csv?: string | boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('class')
    .description('the board of a class: who is where, who is stuck, what is met most often')
    .argument('[paths...]', 'exports, and folders of them (`npx boxwright progress --export`)')
    .option('--serve', 'collect from learners who `join`, and show the board live, here and as a page')
    .option('--listen <address>', 'ADDRESS:PORT; 0.0.0.0 for a room (by default 127.0.0.1:7433)')
    .option('--file <file>', 'where all that the learners sent is kept (by default .progress/class.json)')
    .option('--csv [file]', 'the board as CSV')
    .option('--json', 'the board as JSON; with --serve { urls, code, page } instead')
    .option('--forget [name]', 'delete the class, or one person of it')
    .option('--yes', 'with --forget: ask nothing')
    .addHelpText(
      'after',
      '\nWithout paths it shows the class that --serve has collected.\n' +
        'Ends with 0, with 1 if a file was refused, 2 for wrong usage; --serve with 0 on q, 130 on Ctrl-C.',
    )
    .action(async (paths: string[], options: Options) => {
      await refuseMixed(paths, options);
      const { defaultFile } = await import('../class/store.ts');
      const file = options.file ?? defaultFile;
      if (options.serve) {
        const { serveClass } = await import('../class/serve.ts');
        process.exitCode = await serveClass(file, options.listen, options.json ?? false);
      } else if (options.forget) {
        const { forget } = await import('../class/forget.ts');
        console.log(await forget(file, options.forget === true ? null : String(options.forget), options.yes ?? false));
      } else await show(paths, file, options);
    });
}

async function show(paths: string[], file: string, { csv, json }: Options): Promise<void> {
  const { makeBoard } = await import('../class/board.ts');
  const { allLessons } = await import('../lessons.ts');
  const { entries, refused } =
    paths.length > 0 ? (await import('../class/collect.ts')).collect(paths) : await kept(file);
  for (const line of refused) console.error(`boxwright: not taken: ${line}`);
  if (refused.length > 0) process.exitCode = 1;
  const board = makeBoard(entries, allLessons());
  if (json) return console.log(JSON.stringify(board, null, 2));
  if (csv) return writeCsv((await import('../class/csv.ts')).asCsv(board), csv);
  const { showBoard } = await import('../class/show.ts');
  console.log(showBoard(board, (await import('../terminal/text.ts')).columns(140)));
}

async function kept(file: string) {
  const { fromClass } = await import('../class/board.ts');
  const { readClass } = await import('../class/store.ts');
  const found = readClass(file);
  if (found) return { entries: fromClass(found), refused: [] };
  const { UserError } = await import('../errors.ts');
  throw new UserError('there is no class yet', 'name exports, or collect them with `npx boxwright class --serve`', 2);
}

async function writeCsv(text: string, to: string | true): Promise<void> {
  if (to === true) {
    process.stdout.write(text);
    return;
  }
  const { writeNew } = await import('../class/write.ts');
  writeNew(to, text);
  console.log(`${to} is written`);
}

/** One thing at a time: an option that would be passed over is a mistake. */
async function refuseMixed(paths: string[], options: Options): Promise<void> {
  const { serve, listen, forget, yes, csv, json, file } = options;
  const { UserError } = await import('../errors.ts');
  const wrong = (message: string) => new UserError(message, '`npx boxwright class --help`', 2);
  const modes = [serve && '--serve', forget && '--forget', csv && '--csv', !serve && json && '--json'].filter(Boolean);
  if (modes.length > 1) throw wrong(`${modes.join(' and ')} do not go together`);
  if (paths.length > 0 && (serve || forget || file)) throw wrong('paths go with none of --serve, --forget and --file');
  if (listen && !serve) throw wrong('--listen goes with --serve');
  if (yes && !forget) throw wrong('--yes goes with --forget');
}
