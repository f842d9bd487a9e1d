// `box inspect`: an image's documents, as JSON.
import type { Command } from 'commander';
import { openImage } from '#15-oci-image';
import { parseReference } from '#16-registry';
import { parsePlatform } from '#images';
import { type RegistryOptions, type StoreOptions, storeCommand, storeFolder } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    storeCommand('inspect', 'show an image’s manifest and configuration, as JSON')
      .argument('<name>', 'which image of the store')
      .option('--platform <os/arch>', 'which of an index’s')
      .action(async (name: string, options: StoreOptions & RegistryOptions) => {
        const platform = options.platform ? parsePlatform(options.platform) : undefined;
        const image = await openImage(storeFolder(options), parseReference(name).name, platform);
        console.log(
          JSON.stringify({ descriptor: image.descriptor, manifest: image.manifest, config: image.config }, null, 2),
        );
      }),
  );
}
