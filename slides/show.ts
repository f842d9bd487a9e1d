// The list of decks and cuts on a terminal.
import chalk from 'chalk';
import { isCourse, type outline, type Summary } from './outline.ts';
import { clock } from './talk.ts';

export function showOutline({ cuts, decks }: ReturnType<typeof outline>): string {
  const all = [...cuts.flatMap(cut => [cut, ...(isCourse(cut) ? cut.weeks : [])]), ...decks];
  const width = Math.max(...all.map(({ name }) => name.length));
  const line = ({ name, title, minutes, slides }: Summary) =>
    `  ${name.padEnd(width)}  ${clock(minutes).padStart(5)}  ${String(slides).padStart(4)}  ${title}`;
  const head = (text: string) => `${chalk.bold(text.padEnd(width + 2))}  ${chalk.dim('h:min  slides')}`;
  const weeks = (cut: Summary) => (isCourse(cut) ? cut.weeks.map(week => chalk.dim(line(week))) : []);
  return [
    head('Cuts'),
    ...cuts.flatMap(cut => [line(cut), ...weeks(cut)]),
    '',
    head('Decks'),
    ...decks.map(line),
    '',
    '`npx boxwright slides NAME` shows one, `--pdf FILE` prints it, `--out FOLDER` takes it along.',
  ].join('\n');
}
