// A made-up class, graded by the real command, with every grade compared to what it must be.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { findLesson } from '../../lessons.ts';
import { home } from '../../paths.ts';
import type { Grade } from '../types.ts';
import { chanceFrom } from './chance.ts';
import { wrongIn } from './expect.ts';
import { due, handedInAt, handIn } from './hand-in.ts';
import { leftBehind, lookBefore } from './left.ts';
import { type Cheat, type Person, planClass } from './plan.ts';
import { startWorkers } from './workers.ts';

export interface CrowdOptions {
  count: number;
  seed: number;
  /** Numbers or names. */
  lessons: string[];
  jobs: number;
  cheats: Cheat[];
  /** Through a queue, by two workers, of whom one is killed so often: seconds, on average. */
  killEvery?: number | undefined;
  /** Where the grader's own display goes. */
  stderr: 'inherit' | 'ignore';
}

export interface Outcome {
  people: Person[];
  grades: Grade[];
  /** Lines, of which there should be none. */
  wrong: string[];
  left: string[];
  status: number | null;
  seconds: number;
  /** Workers that were killed. */
  killed: number;
}

export async function runCrowd(options: CrowdOptions): Promise<Outcome> {
  const { count, seed, lessons: wanted, jobs, cheats, killEvery, stderr } = options;
  const folder = mkdtempSync(`${tmpdir()}/boxwright-crowd-`);
  const temporary = mkdtempSync(`${tmpdir()}/boxwright-crowd-tmp-`);
  // As /tmp is: the machines run as a user of their own.
  chmodSync(temporary, 0o1777);
  try {
    const lessons = wanted.map(findLesson);
    const people = planClass(count, lessons, cheats, chanceFrom(seed));
    const canary = `${folder}/ran`;
    const list = handIn(people, makeFolder(`${folder}/class`), canary);
    writeFileSync(
      `${folder}/rules.yaml`,
      rulesFor(
        people,
        lessons.map(({ number }) => number),
      ),
    );

    const mark = randomBytes(8).toString('hex');
    const before = lookBefore();
    const begun = performance.now();
    const args = [
      'grade',
      list,
      '--rules',
      `${folder}/rules.yaml`,
      '--results',
      `${folder}/grades`,
      '--jobs',
      `${jobs}`,
    ];
    const env = { ...process.env, TMPDIR: temporary, BOXWRIGHT_CROWD: mark };
    const workers = killEvery ? await startWorkers(env, killEvery, chanceFrom(seed + 1)) : null;
    const queue = workers ? ['--queue'] : [];
    const child = spawn(process.execPath, [`${home}/workshop/boxwright.mjs`, ...args, ...queue], {
      env: { ...env, ...workers?.env },
      stdio: ['ignore', 'ignore', stderr],
    });
    const [status] = (await once(child, 'exit')) as [number | null];
    const seconds = (performance.now() - begun) / 1000;
    const killed = (await workers?.end()) ?? 0;

    const left = await settled(() => leftBehind(before, `BOXWRIGHT_CROWD=${mark}`, temporary));
    const file = `${folder}/grades/grades.json`;
    const grades: Grade[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).grades : [];
    const wrong: string[] = existsSync(canary) ? ['something of a submission was run on this machine'] : [];
    for (const person of people) {
      wrong.push(
        ...(await wrongIn(
          person,
          grades.find(grade => grade.mark.submission.id === person.id),
        )),
      );
    }
    if (grades.length !== people.length) wrong.push(`${grades.length} grades for ${people.length} submissions`);
    return { people, grades, wrong, left, status, seconds, killed };
  } finally {
    for (const each of [folder, temporary]) rmSync(each, { recursive: true, force: true });
  }
}

function makeFolder(path: string): string {
  mkdirSync(path);
  return path;
}

/** A guest's last process may take a moment to be gone from the table. */
async function settled(look: () => string[]): Promise<string[]> {
  for (let tries = 0; tries < 20 && look().length > 0; tries++) await sleep(250);
  return look();
}

/** Who hands in a folder or an archive has no date but the one that the rules give. */
function rulesFor(people: Person[], lessons: string[]): string {
  const dated = people.map(person => `  ${person.id}: { at: ${handedInAt(person)} }`);
  return `title: The crowd
lessons: [${lessons.map(number => `"${number}"`).join(', ')}]
due: ${new Date(due).toISOString()}
grace: 10 min
late: { percent: 10, every: 1 day, most: 50, until: 7 days }
bounds: { seconds: 90, memory: 1024, output: 1048576 }
people:
${dated.filter((_, i) => !/work tree|repository/.test(people[i]?.form ?? '')).join('\n') || '  nobody: {}'}
`;
}
