// `boxwright slides`: decks for teaching, shown, on paper, or as a folder to take along.
import type { Command } from 'commander';

interface Options {
  listen?: string;
  pdf?: string;
  notes?: boolean;
  out?: string;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('slides')
    .description('for instructors: slides made from the lessons, with notes and minutes')
    .argument('[deck]', 'a deck or a cut; without it they are listed')
    .option('--listen <address>', 'ADDRESS:PORT (by default 127.0.0.1:7412, or another port if that is taken)')
    .option('--pdf <file>', 'write them as PDF, with Chromium')
    .option('--notes', 'with --pdf: the presenter’s notes too, on a page of their own each')
    .option('--out <folder>', 'write them as a folder that opens in a browser, with no server and no network')
    .option('--json', 'the outline, with the minute at which each slide begins')
    .addHelpText('after', '\nEnds with 0 on q, 130 on Ctrl-C, 1 if a file cannot be written, 2 for wrong usage.')
    .action(async (wanted: string | undefined, options: Options) => {
      await refuseMixed(wanted, options);
      const { outline, outlineOf } = await import('../../slides/outline.ts');
      if (wanted === undefined) {
        const { showOutline } = await import('../../slides/show.ts');
        return console.log(options.json ? JSON.stringify(outline(), null, 2) : showOutline(outline()));
      }
      const { findTalk } = await import('../../slides/talk.ts');
      const talk = findTalk(wanted);
      if (options.json) return console.log(JSON.stringify(outlineOf(talk), null, 2));
      if (options.out)
        return console.log(await (await import('../../slides/folder.ts')).writeFolder(talk, options.out));
      if (options.pdf) {
        const { writePdf } = await import('../../slides/pdf.ts');
        return console.log(await writePdf(talk, options.pdf, { notes: options.notes ?? false }));
      }
      const { present } = await import('../../slides/present.ts');
      process.exitCode = await present(talk, options.listen);
    });
}

/** One thing at a time: an option that would be passed over is a mistake. */
async function refuseMixed(wanted: string | undefined, { listen, pdf, notes, out, json }: Options): Promise<void> {
  const { UserError } = await import('../errors.ts');
  const wrong = (message: string) => new UserError(message, '`npx boxwright slides --help`', 2);
  const modes = [listen && '--listen', pdf && '--pdf', out && '--out', json && '--json'].filter(Boolean);
  if (modes.length > 1) throw wrong(`${modes.join(' and ')} do not go together`);
  if (notes && !pdf) throw wrong('--notes goes with --pdf');
  if (wanted === undefined && (listen || pdf || out)) throw wrong(`${modes[0]} wants a deck or a cut`);
}
