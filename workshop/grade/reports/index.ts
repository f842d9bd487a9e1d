// The reports of a class: each submission's in a folder of its own, the class's beside them. Made from the grades alone, so that writing
// them again makes the same bytes.
import { setImmediate as turn } from 'node:timers/promises';
import { writeWhole } from '../../files.ts';
import { allLessons, type Lesson } from '../../lessons.ts';
import type { Grade, Rules } from '../types.ts';
import { classroom } from './classroom.ts';
import { cleanGrade } from './clean.ts';
import { csv } from './csv.ts';
import { exercism } from './exercism.ts';
import { html } from './html.ts';
import { junit, type Marked } from './junit.ts';
import { markdown } from './markdown.ts';
import { outcomesOf } from './outcome.ts';
import { page, titleOf } from './page.ts';

/**
 * In `folder`: grades.csv, grades.json, junit.xml; in a folder by each submission's id: results.json, results.xml, classroom.json,
 * feedback.md, feedback.html. Each file is there whole or not at all.
 */
export async function writeReports(
  folder: string,
  grades: Grade[],
  rules: Rules,
  lessons: Lesson[] = allLessons(),
): Promise<void> {
  const all: Marked[] = grades.map(cleanGrade).map(grade => ({ grade, lessons: outcomesOf(grade, lessons) }));
  for (const { grade, lessons } of all) {
    const own = `${folder}/${folderOf(grade.mark.submission.id)}`;
    const blocks = page(grade, lessons, rules);
    writeWhole(`${own}/results.json`, exercism(grade, lessons));
    writeWhole(`${own}/results.xml`, junit(rules.title, [{ grade, lessons }]));
    writeWhole(`${own}/classroom.json`, classroom(grade, lessons));
    writeWhole(`${own}/feedback.md`, markdown(blocks));
    writeWhole(`${own}/feedback.html`, html(titleOf(grade), blocks));
    // Others go on with theirs between two submissions.
    await turn();
  }
  const clean = all.map(({ grade }) => grade);
  writeWhole(`${folder}/grades.csv`, csv(clean, rules));
  writeWhole(`${folder}/grades.json`, gradesJson(clean, rules));
  writeWhole(`${folder}/junit.xml`, junit(rules.title, all));
}

function gradesJson(grades: Grade[], { title, due, lessons, late, grace }: Rules): string {
  return `${JSON.stringify({ version: 1, title, due, grace, late, lessons, grades }, null, 2)}\n`;
}

/** By the class's files, and by what the grader itself keeps in that folder. */
const taken = new Set(['.', '..', '.lock', 'marks', 'grades.csv', 'grades.json', 'junit.xml']);

/** Its id, but with a character that no id has where the name is taken already. */
export function folderOf(id: string): string {
  if (!/^[\w.-]+$/.test(id)) throw new Error(`${JSON.stringify(id)} cannot be the id of a submission`);
  return taken.has(id) ? `${id}~` : id;
}
