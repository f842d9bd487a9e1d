// The lessons, as their folders are. A lesson's README.md is its only manifest: its front matter is read here, once.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { UserError } from './errors.ts';
import { lessonNames, numberOf } from './lesson-names.ts';
import { home } from './paths.ts';

export interface Needs {
  /** 'any': an ordinary user will do; 'required': root on the machine. */
  root: 'any' | 'required';
  /** The oldest kernel: '5.11'. */
  kernel: string;
  /** Ids of doctor's findings that must be 'ok'. */
  features?: string[];
}

export interface Task {
  id: string;
  /** What is true of the container when it passes. */
  title: string;
  points: number;
  /** The number of the TODO in the starter that it is about. */
  todo: number;
  /** More that this task alone needs. */
  needs?: Partial<Needs>;
}

export interface Lesson {
  /** '03' */
  number: string;
  /** '03-mount-namespace' */
  name: string;
  /** 'mount-namespace' */
  slug: string;
  title: string;
  minutes: number;
  needs: Needs;
  tasks: Task[];
  /** Four: a nudge, the concept, the man page, the shape of the code. */
  hints: string[];
  /** The text, without the front matter. */
  text: string;
  /** Absolute paths. */
  files: {
    readme: string;
    /** The learner's file. */
    lesson: string;
    checks: string;
    solution: string;
    explanation: string;
    mistakes: string;
  };
}

const folder = `${home}/lessons`;

/** Every lesson there is, in order. */
export const allLessons = (): Lesson[] => lessonNames().map(readLesson);

/** By its number ('03' or '3'), its name ('03-mount-namespace') or its slug ('mount-namespace'). */
export function findLesson(wanted: string): Lesson {
  const lessons = allLessons();
  const number = /^\d+$/.test(wanted) ? wanted.padStart(2, '0') : null;
  const lesson = lessons.find(each => each.number === number || each.name === wanted || each.slug === wanted);
  if (!lesson) {
    const known = lessons.map(each => each.number).join(', ');
    throw new UserError(
      `there is no lesson ${JSON.stringify(wanted)}`,
      `choose one of ${known} (\`npx boxwright list\`)`,
      2,
    );
  }
  return lesson;
}

function readLesson(name: string): Lesson {
  const readme = `${folder}/${name}/README.md`;
  const [, front = '', text = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(readFileSync(readme, 'utf8')) ?? [];
  const manifest = parse(front) as Omit<Lesson, 'tasks'> & { tasks: Record<string, Omit<Task, 'id'>> };
  const slug = name.slice(3);
  return {
    number: numberOf(name),
    name,
    slug,
    title: manifest.title,
    minutes: manifest.minutes,
    needs: manifest.needs,
    tasks: Object.entries(manifest.tasks ?? {}).map(([id, task]) => ({ id, ...task })),
    hints: manifest.hints ?? [],
    text,
    files: {
      readme,
      lesson: `${folder}/${name}/${slug}.ts`,
      checks: `${folder}/${name}/${slug}.test.ts`,
      solution: `${home}/solutions/${name}/${slug}.ts`,
      explanation: `${home}/solutions/${name}/README.md`,
      mistakes: `${home}/solutions/${name}/mistakes`,
    },
  };
}

/** All points of a lesson. */
export function pointsOf(lesson: Lesson): number {
  return lesson.tasks.reduce((sum, task) => sum + task.points, 0);
}
