// `box rm`: takes names away. What no name keeps any more goes with `box gc`.
import type { Command } from 'commander';
import { parseReference } from '#16-registry';
import { ImageError } from '#images';
import { openStore, type StoreOptions, storeCommand } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    storeCommand('rm', 'take an image’s name away')
      .argument('<name...>', 'which images of the store')
      .action(async (names: string[], options: StoreOptions) => {
        const store = await openStore(options);
        for (const name of names)
          if (!(await store.untag(name)) && !(await store.untag(parseReference(name).name)))
            throw new ImageError(`there is no ${name} in the store`, '`box images` lists what there is');
      }),
  );
}
