// `boxwright list`: the lessons, how far the learner is, and what this machine can run.
import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('list')
    .description('the lessons, how far you are, and which one is next')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\n✔ passed   · open   ↷ skipped   → the next one\n\nEnds with 0.')
    .action(async ({ json }: { json?: boolean }) => {
      const lessons = await listLessons();
      if (json) console.log(JSON.stringify(lessons, null, 2));
      else console.log((await import('../terminal/list.ts')).showList(lessons));
    });
}

export async function listLessons() {
  const { allLessons, pointsOf } = await import('../lessons.ts');
  const { nextOpen } = await import('../next-open.ts');
  const { progressOf, readProgress } = await import('../progress.ts');
  const { machineFacts } = await import('../doctor/facts.ts');
  const { whyNot } = await import('../doctor/needs.ts');
  const { placeOf } = await import('../remote/place.ts');
  const facts = await machineFacts();
  const [lessons, progress] = [allLessons(), readProgress()];
  const next = nextOpen(lessons, progress);
  return Promise.all(
    lessons.map(async lesson => {
      const { number, name, title, minutes } = lesson;
      const reason = (await placeOf(lesson)) ? null : whyNot(lesson.needs, facts);
      const here = { outOf: pointsOf(lesson), whyNot: reason, next: lesson === next };
      const { history: _, ...reached } = progressOf(lesson, progress);
      return { number, name, title, minutes, ...reached, ...here };
    }),
  );
}
