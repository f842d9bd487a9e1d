// `box pull`: images from their registries into the store.
import type { Command } from 'commander';
import { pull } from '#16-registry';
import { openStore, type RegistryOptions, registryCommand, type StoreOptions, transfer } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    registryCommand('pull', 'fetch images from their registries')
      .argument('<name...>', 'alpine, registry.example/team/app:1, app@sha256:…')
      .option('--platform <os/arch>', 'of a machine other than this one: linux/arm64')
      .action(async (names: string[], options: StoreOptions & RegistryOptions) => {
        const store = await openStore(options);
        for (const name of names) {
          const { descriptor } = await transfer(options, how => pull(name, store, how));
          console.log(descriptor.digest);
        }
      }),
  );
}
