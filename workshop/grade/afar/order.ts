// What one machine asks of another: mark these texts. It is all that leaves the machine that asks: who handed them in, when and from which
// path stays here, and is put back when the mark returns. An order is data of somebody else's, and read as such.
import type { Lesson } from '../../lessons.ts';
import type { Bounds, Mark, Submission } from '../types.ts';

/** Of orders and of their answers: another number is another language. */
export const protocol = 1;

export interface Order {
  protocol: typeof protocol;
  /** Of the texts, the bounds, and the checks as the one who asks has them. */
  key: string;
  files: Record<string, string>;
  /** Names of lessons. */
  lessons: string[];
  bounds: Bounds;
}

/** The part of grading that knows how: `workshop/grade/mark/`, or a stand-in where the road is what is tested. */
export interface Marker {
  mark(submission: Submission, lessons: Lesson[], bounds: Bounds, options: { signal?: AbortSignal }): Promise<Mark>;
  keyOf(submission: Submission, lessons: Lesson[], bounds: Bounds): string;
  /** The lessons that it knows. */
  lessons: Lesson[];
}

/** An order that nobody here can carry out: it will not get better by trying again. */
export class BadOrder extends Error {
  override name = 'BadOrder';
}

export function makeOrder({ files }: Submission, lessons: Lesson[], bounds: Bounds, { keyOf }: Marker): Order {
  const wanted = lessons.map(lesson => lesson.name);
  return { protocol, key: keyOf(nameless(files), lessons, bounds), files, lessons: wanted, bounds };
}

/** Marks what an order asks for. Throws BadOrder, or what the grader's machine could not do. */
export async function carryOut(value: unknown, marker: Marker, signal?: AbortSignal): Promise<Mark> {
  const order = readOrder(value);
  const lessons = order.lessons.map(name => {
    const lesson = marker.lessons.find(each => each.name === name);
    if (!lesson) throw new BadOrder(`there is no lesson ${JSON.stringify(name)} here`);
    return lesson;
  });
  const submission = nameless(order.files);
  if (marker.keyOf(submission, lessons, order.bounds) !== order.key) {
    throw new BadOrder('the checks here are not those of the machine that asks: bring both to the same version');
  }
  const mark = await marker.mark(submission, lessons, order.bounds, { signal });
  signal?.throwIfAborted();
  if (mark.outcome === 'error') throw new Error(mark.reason ?? 'the grader failed');
  return mark;
}

/** Twelve digits that change with every check: machines whose numbers differ do not understand each other's orders. */
export function versionOf({ keyOf, lessons }: Marker): string {
  const digest = keyOf(nameless({}), lessons, { seconds: 0, memory: 0, output: 0 });
  return `${protocol}-${digest.replace(/[^0-9a-f]/g, '').slice(-12)}`;
}

function readOrder(value: unknown): Order {
  const order = value as Partial<Order> | null;
  if (order?.protocol !== protocol) throw new BadOrder(`not an order of protocol ${protocol}: another version asks`);
  const { key, files, lessons, bounds } = order;
  const texts = typeof files === 'object' && files !== null && Object.values(files).every(isText);
  const numbers =
    bounds && [bounds.seconds, bounds.memory, bounds.output].every(each => Number.isFinite(each) && each > 0);
  if (!isText(key) || !texts || !Array.isArray(lessons) || !lessons.every(isText) || !numbers) {
    throw new BadOrder('an order that lacks a part, or has one of another kind');
  }
  return order as Order;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/** Texts, of nobody. */
function nameless(files: Record<string, string>): Submission {
  return { id: 'submission', from: 'another machine', at: null, files, refused: [] };
}
