// A submission that is a folder with lessons/ in it.
import type { Lesson } from '../../lessons.ts';
import { readBelow } from './below.ts';
import { type Collected, collect, fileLimit } from './collect.ts';

export function fromFolder(path: string, lessons: Lesson[]): Collected {
  return collect(lessons, place => readBelow(path, place, fileLimit));
}
