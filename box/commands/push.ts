// `box push`: an image of the store to a registry.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { push } from '#16-registry';
import { ImageError } from '#images';
import { openStore, type RegistryOptions, registryCommand, type StoreOptions, transfer } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    registryCommand('push', 'send an image to a registry')
      .argument('<name>', 'which image of the store')
      .argument('[to]', 'under which name; its own when absent')
      .option('--sign <key>', 'with a private key in PEM')
      .action(
        async (name: string, to: string | undefined, options: StoreOptions & RegistryOptions & { sign?: string }) => {
          const store = await openStore(options);
          const signWith = options.sign === undefined ? {} : { signWith: readKey(options.sign) };
          console.log(await transfer(options, how => push(name, to ?? name, store, { ...how, ...signWith })));
        },
      ),
  );
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ImageError(
      `the key cannot be read: ${(error as Error).message}`,
      'name a file with a private key in PEM',
    );
  }
}
