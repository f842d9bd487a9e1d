// The image that a command is to work on: of the store, fetched when it is not there, or of any image layout, `oci:FOLDER:NAME`.
import { openImage } from '#15-oci-image';
import { parseReference, pull } from '#16-registry';
import { checkPlatform, type Image, type Platform, parsePlatform } from '#images';
import { openStore, type RegistryOptions, type StoreOptions, transfer } from './common.ts';

export async function findImage(name: string, options: StoreOptions & RegistryOptions): Promise<Image> {
  const platform: Platform | undefined = options.platform ? parsePlatform(options.platform) : undefined;
  // As skopeo and umoci write it: whatever is behind the second colon is the image's name, colons and all.
  const [, layout, inLayout] = /^oci:([^:]+)(?::(.+))?$/.exec(name) ?? [];
  if (layout !== undefined) return openImage(layout, inLayout, platform);

  const store = await openStore(options);
  const whole = parseReference(name).name;
  if (!store.find(whole)) return transfer(options, how => pull(name, store, how));
  const image = await openImage(store.folder, whole, platform);
  checkPlatform(image, name, platform);
  return image;
}
