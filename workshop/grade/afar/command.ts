// The options of `grade` that reach beyond this machine: workers and their queue, pods and their log.
import type { GradeOptions } from '../../commands/grade.ts';
import { type Interrupted, UserError, untilInterrupted } from '../../errors.ts';
import { allLessons, type Lesson } from '../../lessons.ts';
import { chooseRules, type Road } from '../grade.ts';
import { findHanded, take } from '../intake/index.ts';
import { defaultBounds } from '../rules.ts';
import { jobsFor } from '../several.ts';
import type { Show } from '../show.ts';
import type { Bounds } from '../types.ts';
import { marker } from './marker.ts';
import { makeOrder, type Order } from './order.ts';

/** Where marks are to come from, if not from here. */
export async function roadAfar(
  { queue, collect }: GradeOptions,
  { lessons, bounds, signal, watcher }: { lessons: Lesson[]; bounds: Bounds; signal: AbortSignal; watcher: Show },
): Promise<Road | null> {
  const common = { marker: marker(), lessons, bounds };
  if (queue) {
    const { throughQueue } = await import('../queue/collect.ts');
    const address = await addressOf(queue, watcher.note);
    return submissions => throughQueue(submissions, { ...common, address, signal, watcher, say: watcher.note });
  }
  if (collect === undefined) return null;
  const { fromLog } = await import('./log.ts');
  return submissions => fromLog(submissions, { ...common, path: collect });
}

/** What marks for others, or is for others to mark: no results folder comes of it. */
export async function elsewhere(paths: string[], options: GradeOptions): Promise<void> {
  if (options.emit) return console.log(await emitted(paths, options));
  if (paths.length > 0) throw new UserError('a worker is told by others what to mark', 'leave the paths out', 2);
  const signal = untilInterrupted();
  if (options.packed) return await (await import('./packed.ts')).markPacked(options.packed, marker(), signal);

  const say = (line: string) => console.error(line);
  const address = await addressOf(options.queue ?? true, say);
  const { work } = await import('../queue/work.ts');
  await work({ address, marker: marker(), jobs: options.jobs ?? jobsFor(defaultBounds.memory), signal, say });
  // That it was stopped is how a worker ends.
  const { status } = signal.reason as Interrupted;
  process.exitCode = status === 143 ? 0 : status;
}

async function emitted(paths: string[], options: GradeOptions): Promise<string> {
  const { image, namespace, jobs = 10 } = options;
  if (!image) throw new UserError('which image?', 'build one (workshop/grade/README.md), and give --image NAME', 2);
  if (paths.length === 0) throw new UserError('nothing to mark', 'name what was handed in', 2);
  const known = allLessons();
  const rules = chooseRules(known, options);
  const lessons = known.filter(lesson => rules.lessons.some(({ name }) => name === lesson.name));
  const orders: Order[] = [];
  for (const handed of findHanded(paths)) {
    try {
      const submission = await take(handed, lessons, options.ref);
      orders.push(makeOrder(submission, lessons, rules.bounds, marker()));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      console.error(`left out: ${handed.id}: ${error.message}`);
    }
  }
  const { emitKubernetes } = await import('../kubernetes/emit.ts');
  return emitKubernetes(orders, { image, namespace, jobs }).trimEnd();
}

async function addressOf(given: string | true, say: (line: string) => void) {
  const { readAddress } = await import('../queue/address.ts');
  const address = readAddress(given);
  if (given !== true && address.options.password) {
    say(
      'the queue’s password can be read in this machine’s list of processes: better put the URL into $BOXWRIGHT_QUEUE',
    );
  }
  return address;
}
