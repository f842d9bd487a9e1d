// `box images`: what the store has names for.
import type { Command } from 'commander';
import { openImage } from '#15-oci-image';
import { showPlatform, showSize } from '#images';
import { openStore, type StoreOptions, storeCommand, table } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    storeCommand('images', 'list the images of the store')
      .option('--json', 'as JSON')
      .action(async (options: StoreOptions & { json?: boolean }) => {
        const store = await openStore(options);
        const images = await Promise.all([...store.names().keys()].sort().map(name => describe(store.folder, name)));
        if (options.json) return console.log(JSON.stringify(images, null, 2));
        const rows = images.map(({ name, digest, platform, size, created }) => [
          ...[name, digest.slice(7, 19), platform ?? '?', size === undefined ? '?' : showSize(size)],
          created?.slice(0, 10) ?? '',
        ]);
        console.log(table([['NAME', 'DIGEST', 'PLATFORM', 'SIZE', 'CREATED'], ...rows]));
      }),
  );
}

interface Described {
  name: string;
  digest: string;
  platform?: string;
  /** Of its layers, as they are stored: bytes. */
  size?: number;
  created?: string | undefined;
  /** Why nothing more is known of it. */
  error?: string;
}

/** One that is damaged is listed too: else nobody could find it and remove it. */
async function describe(layout: string, name: string): Promise<Described> {
  try {
    const { descriptor, manifest, config } = await openImage(layout, name);
    const size = manifest.layers.reduce((sum, each) => sum + each.size, 0);
    return { name, digest: descriptor.digest, platform: showPlatform(config), size, created: config.created };
  } catch (error) {
    return { name, digest: '', error: (error as Error).message };
  }
}
