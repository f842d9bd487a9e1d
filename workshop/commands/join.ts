// `boxwright join`: from now on each verdict tells the instructor's board.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('join')
    .description('show your progress on your instructor’s board, from now on')
    .argument('<url>', 'the address on the wall: http://192.168.1.5:7433')
    .argument('<code>', 'the code on the wall')
    .option('--as <name>', 'what you are called there; remembered')
    .option('--json', 'print { url, name }')
    .addHelpText(
      'after',
      '\nWhat is sent, after each verdict, is what `npx boxwright progress --export` prints, and nothing else.\n' +
        '`npx boxwright leave` ends it. Ends with 0, with 1 if the board refuses or is not reached, 2 for wrong usage.',
    )
    .action(async (address: string, code: string, { as, json }: { as?: string; json?: boolean }) => {
      const { askToJoin } = await import('../class/ask.ts');
      const { newSecret, readMember, updateMember } = await import('../class/member.ts');
      const { tellOnce } = await import('../class/tell.ts');
      const url = await originOf(address);
      const before = readMember();
      const wanted = await nameOr(as, before.name);
      // The same board knows its people again; no other learns what this one knows them by.
      const secret = before.board?.url === url ? before.board.secret : newSecret();
      const name = await askToJoin(url, secret, code, wanted).catch(explained(url));
      updateMember(member => {
        Object.assign(member, { name: wanted, board: { url, secret, name, reachedAt: null } });
      });
      const trouble = await tellOnce();
      if (json) return console.log(JSON.stringify({ url, name }));
      console.log(await greeting(name, wanted));
      if (trouble)
        console.log(`It has not taken your progress yet (${trouble.message}); the next verdict tells it all.`);
    });
}

async function greeting(name: string, wanted: string): Promise<string> {
  const { columns, wrap } = await import('../terminal/text.ts');
  const other = name === wanted ? '' : `, because there is another ${wanted}`;
  const paragraphs = [
    `You are on the board as ${name}${other}.`,
    'From now on each verdict sends your instructor this name, and for each lesson that you touched: its state and points, which tasks ' +
      'have passed, when you began, last tried and last got on, how long you have worked since then, how many verdicts and hints there ' +
      'were, and how often you met which known mistake.',
    'Not sent: your files, the name of your machine, your user name, any path.',
    '`npx boxwright progress --export` prints the very text. `npx boxwright leave` ends it; with --forget the board is asked to delete ' +
      'what it has.',
  ];
  return paragraphs
    .flatMap(text => ['', ...wrap(text, columns())])
    .slice(1)
    .join('\n');
}

async function originOf(address: string): Promise<string> {
  const text = /^https?:\/\//i.test(address) ? address : `http://${address}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && !url.username && !url.password && url.pathname === '/' && !url.search) return url.origin;
  const { UserError } = await import('../errors.ts');
  throw new UserError(
    `${JSON.stringify(address)} is no board’s address`,
    'give it as it stands on the wall: http://192.168.1.5:7433',
    2,
  );
}

async function nameOr(as: string | undefined, remembered: string | null): Promise<string> {
  const { nameFrom, nameRule } = await import('../class/name.ts');
  const { UserError } = await import('../errors.ts');
  if (as === undefined && remembered === null) throw new UserError('what are you called?', 'add --as NAME', 2);
  const name = nameFrom(as ?? remembered);
  if (name === null) throw new UserError(nameRule, 'choose another: --as NAME', 2);
  return name;
}

function explained(url: string) {
  return async (error: Error): Promise<never> => {
    const { BoardError } = await import('../class/ask.ts');
    const { UserError } = await import('../errors.ts');
    if (!(error instanceof BoardError)) throw error;
    if (error.kind !== 'unreachable')
      throw new UserError(`the board said: ${error.message}`, 'compare with the wall, or ask your instructor');
    throw new UserError(
      `${url} cannot be reached: ${error.message}`,
      'compare it with the wall; are you in the same network?',
    );
  };
}
