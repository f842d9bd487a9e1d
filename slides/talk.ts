// What is presented, in order, with the minute at which each slide begins: one deck, a cut of several, or a whole term.
import { UserError } from '../workshop/errors.ts';
import { allCuts, type Course, type Cut, reaches } from './cuts.ts';
import { allDecks, type Deck, findDeck } from './deck.ts';
import type { Level, Slide } from './parse.ts';

export type Step = {
  /** Unique in the talk, and the end of its address: `#/05-pivot-root-3`. */
  id: string;
  /** Minutes from the beginning. */
  at: number;
  minutes: number;
} & (
  | { kind: 'slide'; deck: Deck; slide: Slide }
  | { kind: 'title'; cut: Cut | Course; minutesInAll: number }
  | { kind: 'agenda'; entries: Entry[] }
  /** On the slide that lists the tasks; null where the deck has none. `work`: the learners' minutes, of all. */
  | { kind: 'exercise'; deck: Deck; slide: Slide | null; work: number }
  | { kind: 'break' }
);

/** A line of the agenda. */
export interface Entry {
  title: string;
  at: number;
  /** Of which the learners work themselves. */
  exercise: number;
  /** The first slide; null for a break. */
  id: string | null;
}

export interface Talk {
  name: string;
  title: string;
  minutes: number;
  steps: Step[];
}

/** A deck's or a cut's name, as one types it. */
export function findTalk(wanted: string, decks = allDecks(), cuts = allCuts()): Talk {
  const course = cuts.find(each => each.name === wanted);
  const week = cuts.flatMap(each => ('cuts' in each ? each.cuts : [])).find(each => each.name === wanted);
  const found = course ?? week;
  if (found) return 'cuts' in found ? talkOfCourse(found, decks) : talkOfCut(found, decks);
  try {
    return talkOfDeck(findDeck(wanted, decks));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`there is no deck or cut ${JSON.stringify(wanted)}`, '`npx boxwright slides` lists them', 2);
  }
}

/** Everything of it, with the exercise, which takes what the lesson says. */
export function talkOfDeck(deck: Deck): Talk {
  const steps: Step[] = [];
  addDeck(steps, deck, 'deep', deck.lesson?.minutes ?? 0);
  return { name: deck.name, title: deck.title, minutes: minutesOf(steps), steps };
}

export function talkOfCut(cut: Cut, decks: Deck[]): Talk {
  const steps = opened(cut, cut.minutes, 1);
  const entries = addCut(steps, cut, decks);
  steps.splice(1, 0, { id: `${cut.name}-agenda`, kind: 'agenda', at: 0, minutes: 1, entries });
  return { name: cut.name, title: cut.title, minutes: minutesOf(steps), steps: timed(steps, entries) };
}

function talkOfCourse(course: Course, decks: Deck[]): Talk {
  const steps = opened(
    course,
    course.cuts.reduce((sum, cut) => sum + cut.minutes, 0),
    0,
  );
  const entries: Entry[] = [];
  for (const cut of course.cuts) {
    const first = steps.length;
    const talk = talkOfCut(cut, decks);
    steps.push(...talk.steps.map(step => prefixed(step, `${cut.name}--`)));
    entries.push({ title: cut.title, at: 0, exercise: 0, id: steps[first]?.id ?? null });
  }
  steps.splice(1, 0, { id: `${course.name}-agenda`, kind: 'agenda', at: 0, minutes: 0, entries });
  return { name: course.name, title: course.title, minutes: minutesOf(steps), steps };
}

/** The same deck may be given in two weeks. */
function prefixed(step: Step, prefix: string): Step {
  const own = { ...step, id: prefix + step.id };
  if (own.kind === 'agenda') own.entries = own.entries.map(entry => ({ ...entry, id: entry.id && prefix + entry.id }));
  return own;
}

const opened = (cut: Cut | Course, minutesInAll: number, minutes: number): Step[] => [
  { id: `${cut.name}-title`, kind: 'title', at: 0, minutes, cut, minutesInAll },
];

function addCut(steps: Step[], cut: Cut, decks: Deck[]): Entry[] {
  const entries: Entry[] = [];
  for (const [i, part] of cut.parts.entries()) {
    if (part.deck !== null) {
      const deck = findDeck(part.deck, decks);
      const first = steps.length;
      addDeck(steps, deck, part.level, part.exercise);
      entries.push({ title: deck.title, at: 0, exercise: part.exercise, id: steps[first]?.id ?? null });
    }
    if (part.break > 0) {
      const id = `break-${i + 1}`;
      steps.push({ id, kind: 'break', at: 0, minutes: part.break });
      entries.push({ title: `Break, ${part.break} min`, at: 0, exercise: 0, id });
    }
  }
  return entries;
}

/** The slide with `{{tasks}}` is the exercise's, if there is time for one: what comes after it shows what the learners have built. */
function addDeck(steps: Step[], deck: Deck, level: Level, exercise: number): void {
  const id = deck.name.replace('/', '-');
  let due = exercise > 0;
  const addExercise = (slide: Slide | null) => {
    const minutes = (slide?.minutes ?? 0) + exercise;
    steps.push({ id: `${id}-exercise`, kind: 'exercise', at: 0, minutes, deck, slide, work: exercise });
    due = false;
  };
  for (const [i, slide] of deck.slides.entries()) {
    if (!reaches(slide.level, level)) continue;
    const hasTasks = slide.body.some(part => part.kind === 'directive' && part.name === 'tasks');
    if (due && hasTasks) addExercise(slide);
    else steps.push({ id: `${id}-${i + 1}`, kind: 'slide', at: 0, minutes: slide.minutes, deck, slide });
  }
  if (due) addExercise(null);
  timed(steps, []);
}

/** Each step, and each line of the agenda, gets the minute at which it begins. */
function timed(steps: Step[], entries: Entry[]): Step[] {
  let at = 0;
  for (const step of steps) {
    step.at = at;
    at += step.minutes;
  }
  for (const entry of entries) entry.at = steps.find(step => step.id === entry.id)?.at ?? 0;
  return steps;
}

const minutesOf = (steps: Step[]) => steps.reduce((sum, step) => sum + step.minutes, 0);

/** '1:05': hours and minutes; half minutes are left out. */
export const clock = (minutes: number) =>
  `${Math.floor(minutes / 60)}:${String(Math.floor(minutes % 60)).padStart(2, '0')}`;

/** '2½ minutes' */
export function spoken(minutes: number): string {
  const whole = Math.floor(minutes);
  const text = `${whole > 0 || minutes % 1 === 0 ? whole : ''}${minutes % 1 === 0 ? '' : '½'}`;
  return `${text} ${minutes <= 1 && minutes > 0 ? 'minute' : 'minutes'}`;
}
