// `boxwright open`: the workshop as a page.
import type { Command } from 'commander';

interface Options {
  listen?: string;
  browser: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  program
    .command('open')
    .description('the workshop as a page: text, verdicts, your container drawn, and a terminal in it')
    .argument('[lesson]', 'its number or name; by default the list of lessons')
    .option(
      '--listen <address>',
      'ADDRESS:PORT; 0.0.0.0 for a room (by default 127.0.0.1:7411, or another port if that is taken)',
    )
    .option('--no-browser', 'print the link, and open nothing')
    .option('--json', 'print { urls, page, viewers } and open nothing')
    .addHelpText(
      'after',
      '\nWho has the link has a shell in your container. A second link, for viewers, shows the same and takes no keys; it is printed when\n' +
        'others can reach the page. Ends with 0 on q, with 130 on Ctrl-C, with 2 for wrong usage.',
    )
    .action(async (wanted: string | undefined, { listen, browser, json = false }: Options) => {
      const path = wanted === undefined ? '/' : `/${(await import('../lessons.ts')).findLesson(wanted).number}`;
      const { openPages } = await import('../page/open.ts');
      process.exitCode = await openPages({ path, listen, browser: browser && !json, json });
    });
}
