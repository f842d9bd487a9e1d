// What `reset` gives back. A lesson's file in the repository is its starter until the learner writes in it, and commits of the
// learner's may hold that too, so neither the file nor git can be asked later: a copy is kept for as long as nothing was tried.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { UserError } from './errors.ts';
import { writeWhole } from './files.ts';
import { allLessons, type Lesson } from './lessons.ts';
import { progress as defaultFolder, home } from './paths.ts';
import { progressOf, readProgress, updateLesson } from './progress.ts';

/**
 * Brings the copies up to date; called by set-up and before anything counts as an attempt. A lesson that was never checked follows the
 * repository, so that a `git pull` brings its new starter; one that was keeps the starter that its learner began with.
 */
export function keepStarters(lessons = allLessons(), folder = defaultFolder): void {
  const progress = readProgress(folder);
  for (const lesson of lessons) {
    if (progressOf(lesson, progress).attempts > 0 && read(keptPath(lesson, folder)) !== null) continue;
    const [kept, present] = [read(keptPath(lesson, folder)), read(lesson.files.lesson)];
    if (kept !== null && kept === present) continue;
    const starter = committed(lesson.files.lesson) ?? kept ?? present;
    if (starter !== null && starter !== kept) writeWhole(keptPath(lesson, folder), starter);
  }
}

export function starterOf(lesson: Lesson, folder = defaultFolder): string {
  const starter = read(keptPath(lesson, folder));
  if (starter !== null) return starter;
  throw new UserError(
    `no copy of lesson ${lesson.number}'s starter was kept`,
    `find it in the history: git log --oneline -- ${relative(home, lesson.files.lesson)}`,
  );
}

/** Puts the starter back. Returns where the learner's text lies now; null when there was none, or none but the starter. */
export function reset(lesson: Lesson, folder = defaultFolder, now = new Date()): string | null {
  keepStarters([lesson], folder);
  const starter = starterOf(lesson, folder);
  const mine = read(lesson.files.lesson);
  let aside: string | null = null;
  if (mine !== null && mine !== starter) {
    aside = `${folder}/kept/${lesson.number}-${now.toISOString().replace(/[:.]/g, '-')}.ts`;
    writeWhole(aside, mine);
  }
  if (mine !== starter) writeWhole(lesson.files.lesson, starter);
  updateLesson(lesson, { status: 'open', points: 0, passedAt: null, hintsShown: 0 }, folder);
  return aside;
}

const keptPath = (lesson: Lesson, folder: string) => `${folder}/starters/${lesson.name}.ts`;

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The text as git has it; null where there is no git, or no such file in it. */
function committed(path: string): string | null {
  try {
    return execFileSync('git', ['show', `HEAD:./${relative(home, path)}`], {
      cwd: home,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return null;
  }
}
