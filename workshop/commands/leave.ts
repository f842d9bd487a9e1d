// `boxwright leave`: no verdict tells anybody any more.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('leave')
    .description('tell the instructor’s board no more')
    .option('--forget', 'ask the board to delete what you sent, too')
    .option('--json', 'print { left }: the address, null if there was none')
    .addHelpText('after', '\nEnds with 0; with 1, and without leaving, if --forget does not reach the board.')
    .action(async ({ forget, json }: { forget?: boolean; json?: boolean }) => {
      const { readMember, updateMember } = await import('../class/member.ts');
      const { board } = readMember();
      if (board && forget) await askBoard(board.url, board.secret);
      updateMember(member => {
        member.board = null;
      });
      if (json) console.log(JSON.stringify({ left: board?.url ?? null }));
      else if (!board) console.log('You are on no board.');
      else console.log(`You are off the board. ${forget ? 'It has deleted what you sent.' : kept}`);
    });
}

const kept = 'What it has, your instructor can delete.';

async function askBoard(url: string, secret: string): Promise<void> {
  const { askToForget, BoardError } = await import('../class/ask.ts');
  const { UserError } = await import('../errors.ts');
  await askToForget(url, secret).catch(error => {
    if (!(error instanceof BoardError)) throw error;
    throw new UserError(
      `${url} did not delete it: ${error.message}`,
      'try again, or `npx boxwright leave` and ask your instructor',
    );
  });
}
