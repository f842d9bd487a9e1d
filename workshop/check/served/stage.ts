// A registry with an image, and an empty store: where most checks of lesson 16 begin.
import type { Context, Finding } from '../context.ts';
import { type Blob, contentOf, type ImageMade, makeImage, partsOf, someLayer } from './images.ts';
import { openRegistry, report } from './registry.ts';
import { StoreSeen } from './store.ts';

/** A registry with an image `team/app:1.0`, and an empty store. */
export async function stage(t: Context, behaviour: Parameters<typeof openRegistry>[2] = {}, image = makeImage()) {
  const at = await openRegistry(t, contentOf({ 'team/app:1.0': image }), behaviour);
  return { at, image, name: `${at.host}/team/app:1.0`, store: new StoreSeen(t) };
}

/** The store has the image, whole, and by its name. */
export function isThere({ store, image, name }: { store: StoreSeen; image: ImageMade; name: string }): boolean {
  const { right, wrong } = store.blobs();
  return (
    wrong.length === 0 && partsOf(image).every(each => right.has(each.digest)) && store.names()[name] === image.digest
  );
}

/** Sessions in which the learner's plain pull gets through, or a finding that says that it does not. */
const plain = new WeakMap<Context['session'], Promise<Finding | null>>();

/** For what is about more than that: a pull of which nothing special is expected. */
export async function requirePull(t: Context): Promise<void> {
  let found = plain.get(t.session);
  if (!found) {
    found = stage(t).then(async ({ at, ...rest }) => {
      const error = await rest.store.pull(rest.name);
      if (isThere(rest)) return null;
      return {
        did: `pulled ${rest.name}, in which there is nothing special`,
        kernel: report(await at.seen(), error),
        means: 'A plain pull does not get through yet, and so nothing can be seen of this.',
        look: 'the tasks about names, and that all of an image arrives',
        diagnosis: 'no-plain-pull',
      };
    });
    plain.set(t.session, found);
  }
  const finding = await found;
  if (finding) t.fail(finding);
}

/** A pull by another process, of which one layer stops half-way, with all the rest there. Not awaited. */
export async function half(t: Context, image = makeImage([someLayer(), someLayer(50_000)])) {
  await requirePull(t);
  const big = image.layers.at(-1) as Blob;
  const whole = await stage(t, { rules: [{ on: big.digest, times: 1, cut: 20_000, stall: true }] }, image);
  const old = makeImage();
  await whole.store.fill({ [whole.name]: old }, partsOf(old));
  const by = await t.asRoot();
  let over = false;
  const end = whole.store
    .pull(whole.name, { by })
    .catch(() => null)
    .finally(() => {
      over = true;
    });
  const others = [image.config, ...image.layers.slice(0, -1)];
  const isHalf = async () =>
    (await whole.at.asked(big)).length > 0 && others.every(each => whole.store.blobs().right.has(each.digest));
  await t.until(async () => over || (await isHalf()), 8000);
  const reached = await t.until(() => over || whole.store.partial(big) === 20_000);
  const did = `pulled ${whole.name} anew over an older image of that name; one layer stops after 20,000 of 50,000 bytes`;
  return { ...whole, big, old, by, end, did, reached: reached && !over };
}
