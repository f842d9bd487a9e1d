// Watching without a terminal: a report for every verdict, or a line of JSON, until a signal ends it.
import { openTeller } from '../class/tell.ts';
import type { Lesson } from '../lessons.ts';
import { recordVerdict } from '../progress.ts';
import { showReport } from '../terminal/report.ts';
import { seconds } from '../terminal/text.ts';
import { onSave } from './saves.ts';
import { untilSignal } from './signals.ts';
import { judge, type Verdict, type Watcher } from './verdicts.ts';

export async function watchPlainly(lesson: Lesson, opening: Promise<Watcher>, json: boolean): Promise<number> {
  const ended = untilSignal();
  const board = openTeller(line => console.error(`boxwright: ${line}`));
  const judged = judge(await opening, {
    begun() {},
    verdict(verdict) {
      console.log(json ? asJson(verdict) : asText(verdict));
      recordVerdict(lesson, verdict.report);
      board.tell();
    },
    failed: ended.reject,
  });
  const stop = onSave(lesson.files.lesson, judged.check);
  judged.check();
  try {
    return await ended.status;
  } finally {
    stop();
    board.close();
    await judged.close();
  }
}

/** `changed`: tasks whose status is another than in the verdict before. */
function asJson({ report, previous, milliseconds }: Verdict): string {
  const before = new Map(previous?.tasks.map(({ id, status }) => [id, status]));
  const changed = previous
    ? report.tasks.filter(({ id, status }) => before.get(id) !== status).map(({ id }) => id)
    : [];
  return JSON.stringify({ ...report, changed, sinceSave: milliseconds });
}

function asText({ report, previous, milliseconds }: Verdict): string {
  return `${showReport(report, { previous })}\n${seconds(milliseconds)}\n`;
}
