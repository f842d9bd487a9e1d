// What stands ready on the sandbox's host: a folder for images and containers, and a place for the lesson's text.
import { writeFileSync } from 'node:fs';
import { MS, type Process } from '#linux';
import type { Sandbox } from './sandbox.ts';

/** Where a lesson finds its images, and puts its containers: on a tmpfs, so that one more overlay can stand on it. */
export const stateFolder = '/run/boxwright';

const text = `${stateFolder}/lesson.ts`;

/**
 * Lays an empty file over the lesson's, for `placeLesson` to fill. A mount and not a copy in the overlay, which an ordinary
 * user cannot make where a folder above belongs to somebody whom the user namespace does not know.
 */
export async function coverLesson(box: Process, lessonFile: string): Promise<void> {
  await box.mknod(text);
  await box.chmod(text, 0o644);
  await box.mount(text, lessonFile, null, MS.BIND);
}

/** Puts a text in the lesson's place. Before any of the learner's code runs: no link of theirs can lead this write astray. */
export function placeLesson(sandbox: Sandbox, source: string): void {
  writeFileSync(sandbox.path(text), source);
}
