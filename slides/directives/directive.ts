// What a directive is: a name, where it may stand, and what becomes of it.
import type { Lesson } from '../../workshop/lessons.ts';
import type { Deck } from '../deck.ts';

export interface Directive {
  /** How it is written, for who got it wrong. */
  usage: string;
  where: 'slide' | 'notes';
  /** HTML. Throws an Error that says what is not there, for check.ts to name. */
  render(args: string[], at: Place): string;
}

export interface Place {
  deck: Deck;
  /** Of the slide, unique in the document. */
  id: string;
  /** The address of the workshop's terminal, where the server has one. */
  shell?: string | undefined;
}

/** The lesson of a deck that has one. */
export function lessonOf({ deck }: Place): Lesson {
  if (!deck.lesson) throw new Error('part 0 belongs to no lesson, and has nothing to draw this from');
  return deck.lesson;
}

/** A whole number from 1 to `most`: `what` names what is counted. */
export function numberFrom(text: string | undefined, most: number, what: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text ?? '') || number < 1 || number > most) {
    throw new Error(`${JSON.stringify(text ?? '')} is not the number of a ${what}: there are ${most}`);
  }
  return number;
}
