// What there is to present, in numbers: for the list, for `--json`, and for whoever plans a lesson.
import { allCuts } from './cuts.ts';
import { allDecks } from './deck.ts';
import { findTalk, type Step, type Talk, talkOfDeck } from './talk.ts';

export interface Summary {
  name: string;
  title: string;
  /** Slides, exercises and breaks. */
  minutes: number;
  slides: number;
}

export interface CourseSummary extends Summary {
  weeks: Summary[];
}

export const isCourse = (summary: Summary): summary is CourseSummary => 'weeks' in summary;

export function outline(): { cuts: (Summary | CourseSummary)[]; decks: Summary[] } {
  const decks = allDecks();
  const cuts = allCuts();
  const summaryOf = (name: string) => summary(findTalk(name, decks, cuts));
  return {
    cuts: cuts.map(cut => ({
      ...summaryOf(cut.name),
      ...('cuts' in cut && { weeks: cut.cuts.map(each => summaryOf(each.name)) }),
    })),
    decks: decks.map(deck => summary(talkOfDeck(deck))),
  };
}

const summary = ({ name, title, minutes, steps }: Talk): Summary => ({ name, title, minutes, slides: steps.length });

/** A talk, slide by slide. */
export function outlineOf({ name, title, minutes, steps }: Talk) {
  return {
    name,
    title,
    minutes,
    steps: steps.map(step => ({
      id: step.id,
      kind: step.kind,
      at: step.at,
      minutes: step.minutes,
      heading: headingOf(step),
      ...('deck' in step && { deck: step.deck.name }),
      ...(step.kind === 'slide' && { level: step.slide.level, line: step.slide.line }),
    })),
  };
}

/** As it is written, in Markdown. */
export function headingOf(step: Step): string {
  switch (step.kind) {
    case 'slide':
      return step.slide.heading ?? step.deck.title;
    case 'title':
      return step.cut.title;
    case 'agenda':
      return 'What comes';
    case 'exercise':
      return `Exercise: ${step.deck.title}`;
    case 'break':
      return 'Break';
  }
}
