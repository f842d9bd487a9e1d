// `box gc`: throws away what no image needs.
import type { Command } from 'commander';
import { collectGarbage } from '#16-registry';
import { showSize } from '#images';
import { openStore, type StoreOptions, storeCommand } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    storeCommand('gc', 'throw away what no image needs')
      .option('--all', 'and what has come of unfinished pulls, however new')
      .action(async (options: StoreOptions & { all?: boolean }) => {
        const store = await openStore(options);
        const { removed, freed } = await collectGarbage(store, options.all ? 0 : undefined);
        console.log(`${removed} blob${removed === 1 ? '' : 's'} thrown away, ${showSize(freed)}`);
      }),
  );
}
