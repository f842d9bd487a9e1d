// The reference solutions that the sandbox is built from. They call each other by the lessons' names (`#01-process`), which
// mean the learner's files in the learner's process, and the solutions here: what is wrong in a lesson must not weaken the
// sandbox that it is checked in.
import { registerHooks } from 'node:module';
import { home } from '../paths.ts';

const ours = [new URL(`file://${home}/solutions/`).href, new URL(`file://${home}/workshop/`).href];

registerHooks({
  resolve(specifier, context, next) {
    const wanted = /^#\d\d-/.test(specifier) && ours.some(folder => context.parentURL?.startsWith(folder));
    return next(specifier, wanted ? { ...context, conditions: ['solution', ...context.conditions] } : context);
  },
});

// Not by `import` statements: those are resolved before this file is run.
const [mounts, overlay, pivot] = await Promise.all([
  import('#03-mount-namespace'),
  import('#04-overlay'),
  import('#05-pivot-root'),
]);

export const { mountDev, ownMounts } = mounts;
export const { mountLayers } = overlay;
export const { pivotRoot } = pivot;
