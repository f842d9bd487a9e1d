// Before slides with live terminals are shown or taken along: the kernel is built, once. Without it they show their steps as text, so what
// keeps it from being built is said and is no error.
import { Interrupted, UserError, untilInterrupted } from '../../workshop/errors.ts';
import type { Talk } from '../talk.ts';
import { type Built, buildLive, builtLive } from './build.ts';

/** Null where there is none, or none is asked for. What happens meanwhile is said on standard error. */
export async function prepareLive(talk: Talk): Promise<Built | null> {
  if (!hasLive(talk)) return null;
  const there = builtLive();
  if (there) return there;
  console.error('The live kernel of these slides is built first, once: a minute, and 50 MB from Debian’s mirror.');
  const gone = new AbortController();
  const hangup = () => gone.abort(new Interrupted(129));
  process.once('SIGHUP', hangup);
  try {
    const signal = AbortSignal.any([untilInterrupted(), gone.signal]);
    return await buildLive(line => console.error(`  ${line}`), { signal });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`boxwright: ${error.message}; live terminals show their steps as text\nnext: ${error.next}`);
    return null;
  } finally {
    process.off('SIGHUP', hangup);
  }
}

export const hasLive = (talk: Talk) =>
  talk.steps.some(
    step => step.kind === 'slide' && step.slide.body.some(part => part.kind === 'directive' && part.name === 'live'),
  );
