// What of a submission counts, whichever form it came in: the lessons' own files, as text, and nothing else. The rest is not read.
import { isUtf8 } from 'node:buffer';
import { relative } from 'node:path';
import type { Lesson } from '../../lessons.ts';
import { home } from '../../paths.ts';
import type { Submission } from '../types.ts';
import type { Found } from './below.ts';

/** Bytes of one file. The longest solution has a fiftieth of it. */
export const fileLimit = 256 << 10;

/** 'lessons/03-mount-namespace/mount-namespace.ts' */
export const placeOf = (lesson: Lesson) => relative(home, lesson.files.lesson);

export interface Collected extends Pick<Submission, 'files' | 'refused'> {
  at: string | null;
}

/** Takes what `find` finds at each lesson's place. */
export function collect(lessons: Lesson[], find: (place: string) => Found): Collected {
  const files: Submission['files'] = {};
  const refused: string[] = [];
  for (const lesson of lessons) {
    const place = placeOf(lesson);
    const found = find(place);
    if (!found) continue;
    const why = 'why' in found ? found.why : whyNoText(found.bytes);
    if (why) refused.push(`${place}: ${why}`);
    else if ('bytes' in found) files[lesson.name] = found.bytes.toString();
  }
  return { at: null, files, refused };
}

function whyNoText(bytes: Buffer): string | null {
  if (!isUtf8(bytes)) return 'not text in UTF-8';
  return bytes.includes(0) ? 'not text: it has a NUL in it' : null;
}
