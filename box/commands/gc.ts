// `box gc`: throws away what no image needs.
import type { Command } from 'commander';
import { ownUsers } from '#09-user';
import { collectGarbage } from '#16-registry';
import { showSize, sweepUnpacked } from '#images';
import type { Process } from '#linux';
import { openStore, type StoreOptions, storeCommand } from '../common.ts';

/** As what layers were unpacked as: an ordinary user's are owned by ids of theirs. */
const becomeOwner = async (box: Process) => (process.getuid?.() === 0 ? undefined : ownUsers(box, {}));

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

export function register(program: Command): void {
  program.addCommand(
    storeCommand('gc', 'throw away what no image needs')
      .option('--all', 'and unfinished pulls, however new, all unpacked layers, and what builds remember')
      .action(async (options: StoreOptions & { all?: boolean }) => {
        const store = await openStore(options);
        const { removed, freed } = await collectGarbage(store, options.all ? 0 : undefined);
        const layers = await store.whileAlone(() => sweepUnpacked(store, becomeOwner, options.all ?? false));
        console.log(
          `${counted(removed, 'blob')} thrown away, ${showSize(freed)}; ${counted(layers ?? 0, 'unpacked layer')}`,
        );
        if (layers === undefined) console.error('box: a container runs from this store: what is unpacked stays');
      }),
  );
}
