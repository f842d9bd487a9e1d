// node workshop/grade/crowd/run.ts [N] [SEED] [LESSONS] [SECONDS]: a class of N, graded; every grade compared to what it must be; what is left
// behind. With SECONDS through a queue, by two workers, of whom so often one is killed.
import { count } from '../../terminal/text.ts';
import { cheatsForCrowd } from './cheats.ts';
import { runCrowd } from './crowd.ts';

const [number = '12', seed = String(Date.now() % 1_000_000), lessons = '01,02,03', every] = process.argv.slice(2);
console.log(`a class of ${number}, seed ${seed}, lessons ${lessons}`);
const options = { count: Number(number), seed: Number(seed), lessons: lessons.split(','), jobs: 2 };
const killEvery = every === undefined ? undefined : Number(every);
const outcome = await runCrowd({ ...options, killEvery, cheats: cheatsForCrowd(), stderr: 'inherit' });

const kinds = Object.groupBy(outcome.people, ({ id }) => id.replace(/-\d+$/, ''));
const mixed = Object.entries(kinds).map(([kind, people]) => `${people?.length} ${kind}`);
const parts = outcome.people.reduce((sum, { parts }) => sum + parts.filter(({ text }) => text !== null).length, 0);
const rate = (60 * outcome.people.length) / outcome.seconds;
if (killEvery) console.log(`${outcome.killed} workers were killed`);
console.log(`${mixed.join(', ')}: ${count(parts, 'file')} handed in`);
console.log(`${outcome.seconds.toFixed(1)} s, ${rate.toFixed(1)} submissions a minute, exit status ${outcome.status}`);
for (const line of outcome.wrong) console.log(`wrong: ${line}`);
for (const line of outcome.left) console.log(`left behind: ${line}`);
const right = outcome.wrong.length === 0 ? 'every grade is right' : `${outcome.wrong.length} are wrong`;
console.log(
  `${right}; ${outcome.left.length === 0 ? 'nothing is left behind' : `${outcome.left.length} things are left behind`}`,
);
process.exitCode = outcome.wrong.length + outcome.left.length + (outcome.status ?? 1) > 0 ? 1 : 0;
