// Where things are, in one place. Everything that is made, not written, lives under `.cache`, and what a learner has
// reached under `.progress`; git ignores both.
import { fileURLToPath } from 'node:url';

/** The repository's folder, without a slash at its end. */
export const home = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Made by set-up: `rootfs/` (the base root file system), `guest/` (kernels). Safe to delete. */
export const cache = `${home}/.cache`;

/** The base root file system: Debian's busybox-static and its links. */
export const baseRootfs = `${cache}/rootfs`;

/** The learner's state: lessons passed, hints shown, texts set aside by `reset`. */
export const progress = `${home}/.progress`;
