// `box unpack`: an image's files in a folder.
import type { Command } from 'commander';
import { unpack } from '#15-oci-image';
import { ImageError } from '#images';
import { type RegistryOptions, registryCommand, type StoreOptions } from '../common.ts';
import { findImage } from '../image.ts';

export function register(program: Command): void {
  program.addCommand(
    registryCommand('unpack', 'unpack an image into a folder')
      .argument('<name>', 'an image of the store or of a registry, or oci:FOLDER:NAME')
      .argument('<folder>', 'a folder that is not there yet, or empty')
      .option('--platform <os/arch>', 'of a machine other than this one: linux/arm64')
      .action(async (name: string, folder: string, options: StoreOptions & RegistryOptions) => {
        const image = await findImage(name, options);
        await unpackUntilInterrupted(folder, signal => unpack(image, folder, { signal }));
        console.log(image.descriptor.digest);
      }),
  );
}

/** The first signal stops it; what has been unpacked is removed before the command ends. */
async function unpackUntilInterrupted(folder: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const interrupt = (_: NodeJS.Signals, number: number) => {
    process.exitCode = 128 + number;
    stop.abort(new ImageError(`interrupted; ${folder} is as it was`, 'the same again'));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, interrupt);
  try {
    await work(stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}
