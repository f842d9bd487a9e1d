// The lessons that are here, and for each whether this machine can run it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { home } from '../paths.ts';
import { machineFacts } from './facts.ts';
import { type Needs, whyNot } from './needs.ts';

export interface Verdict {
  /** The folder's name: `05-pivot-root`. */
  lesson: string;
  title: string;
  /** Why it cannot run here; null where it can. */
  whyNot: string | null;
}

export async function verdicts(): Promise<Verdict[]> {
  const facts = await machineFacts();
  const folders = readdirSync(`${home}/lessons`)
    .filter(name => existsSync(`${home}/lessons/${name}/README.md`))
    .sort();
  return folders.map(lesson => {
    const text = readFileSync(`${home}/lessons/${lesson}/README.md`, 'utf8');
    const { title = lesson, needs = { root: 'any' } } = parse(/^---\n(.*?)\n---\n/s.exec(text)?.[1] ?? '{}') as {
      title?: string;
      needs?: Needs;
    };
    return { lesson, title, whyNot: whyNot(needs, facts) };
  });
}

/** The first look, at the end of set-up: one line. */
export async function firstLook(): Promise<string> {
  const [facts, lessons] = [await machineFacts(), await verdicts()];
  const able = lessons.filter(({ whyNot }) => whyNot === null).length;
  const who = facts.root ? 'root' : `user ${facts.uid}`;
  const here = `Linux ${facts.kernel}, ${process.arch}, ${who}, control groups ${facts.cgroup}`;
  if (able === lessons.length) return `This machine can run every lesson (${here}).`;
  return `This machine can run ${able} of ${lessons.length} lessons (${here}); npx boxwright doctor says why, and what to do.`;
}
