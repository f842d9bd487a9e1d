// Who is in the made-up class, what each hands in, and what it must get for it.
import { readdirSync, readFileSync } from 'node:fs';
import type { Lesson } from '../../lessons.ts';
import type { Chance } from './chance.ts';

export interface Part {
  lesson: Lesson;
  /** What the text is, for whoever reads of a wrong grade: 'the solution', 'mistakes/no-search.ts'. */
  what: string;
  /** Null where nothing is handed in. */
  text: string | null;
  must:
    | { be: 'all' | 'missing' }
    /** Not passed. A task or two of some lessons hold from the beginning ('the host is kept'): which, the checks on this machine say. */
    | { be: 'untouched' }
    /** The task that its author knows to fail. How the others come out, the checks on this machine say. */
    | { be: 'mistaken'; fails: string }
    | { be: 'cheat'; points: number };
}

export type Form = 'folder' | 'class folder' | 'tar' | 'tar.gz' | 'tar.zst' | 'work tree' | 'bare repository';

export interface Person {
  id: string;
  form: Form;
  /** Days after the due date; 0 is in time. */
  late: number;
  parts: Part[];
}

/** A lesson's text that cheats, and what it must get. */
export interface Cheat {
  name: string;
  lesson: string;
  text: string;
  points: number;
}

const forms: Form[] = ['folder', 'class folder', 'tar', 'tar.gz', 'tar.zst', 'work tree', 'bare repository'];

export function planClass(count: number, lessons: Lesson[], cheats: Cheat[], chance: Chance): Person[] {
  const possible = chance.shuffle(cheats.filter(cheat => lessons.some(({ name }) => name === cheat.lesson)));
  const kinds = ['solutions', 'starters', 'mistakes', ...(possible.length > 0 ? ['cheat'] : [])];
  // Of each kind and form some, also in a small class; the rest as it comes.
  const given = [...chance.shuffle(kinds), ...Array.from({ length: count }, () => chance.pick(kinds))];
  const formed = [...chance.shuffle(forms), ...Array.from({ length: count }, () => chance.pick(forms))];
  let cheated = 0;
  return Array.from({ length: count }, (_, i) => {
    const kind = given[i] as string;
    const cheat = kind === 'cheat' ? possible[cheated++ % possible.length] : undefined;
    const parts = lessons.map(lesson => {
      if (cheat?.lesson === lesson.name) return cheating(lesson, cheat);
      if (kind === 'solutions' || cheat) return solution(lesson);
      // Not everybody does everything.
      if (chance.next() < 0.15) return missing(lesson);
      if (kind === 'starters') return starter(lesson);
      return chance.next() < 0.7 ? mistaken(lesson, chance) : solution(lesson);
    });
    const id = `${kind}-${String(i).padStart(3, '0')}`;
    return { id, form: formed[i] as Form, late: chance.pick([0, 0, 0, 1, 2, 9]), parts };
  });
}

const solution = (lesson: Lesson): Part => ({
  ...{ lesson, what: 'the solution', text: readFileSync(lesson.files.solution, 'utf8') },
  must: { be: 'all' },
});

const starter = (lesson: Lesson): Part => ({
  ...{ lesson, what: 'the starter', text: readFileSync(lesson.files.lesson, 'utf8') },
  must: { be: 'untouched' },
});

const missing = (lesson: Lesson): Part => ({ lesson, what: 'nothing', text: null, must: { be: 'missing' } });

function mistaken(lesson: Lesson, chance: Chance): Part {
  const name = chance.pick(readdirSync(lesson.files.mistakes).sort());
  const text = readFileSync(`${lesson.files.mistakes}/${name}`, 'utf8');
  const fails = /^\/\/ rejected by: (\S+)$/m.exec(text)?.[1] ?? '';
  return { lesson, what: `mistakes/${name}`, text, must: { be: 'mistaken', fails } };
}

const cheating = (lesson: Lesson, { name, text, points }: Cheat): Part => ({
  ...{ lesson, what: `cheats/${name}`, text },
  must: { be: 'cheat', points },
});
