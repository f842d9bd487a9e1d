// What lateness took off, spelled out: when it was due, when it came, by which rule, and the sum.
import { count } from '../../terminal/text.ts';
import type { Grade, Rules } from '../types.ts';
import { duration, figure, moment } from './figures.ts';

export function lateness(grade: Grade, rules: Rules): string[] {
  const { submission } = grade.mark;
  const own = Object.hasOwn(rules.people, submission.id) ? rules.people[submission.id] : undefined;
  const due = own?.due ?? rules.due;
  if (!due) return [];
  const at = own?.at ?? submission.at;
  const dueDate = `It was due on ${moment(due)}${own?.due ? ', a date of your own' : ''}`;
  if (grade.late === null || !at) {
    return [`${dueDate}. Nobody knows when it was handed in, so nothing is taken off for lateness.`];
  }
  const came = `${dueDate}, and came on ${moment(at, due)}`;
  const behind = (Date.parse(at) - Date.parse(due)) / 1000;
  if (grade.late <= 0) {
    if (!(behind > 0)) return [`${came}: in time.`];
    return [
      `${came}, ${duration(behind)} later. ${capital(duration(rules.grace))} are forgiven, so it counts as in time.`,
    ];
  }
  const sum = `${came}, ${duration(grade.late)} later.`;
  if (!rules.late) return [`${sum} In this class that costs nothing.`];
  return [`${sum} ${ruleOf(rules.late)}`, reckoning(grade, rules.late)];
}

type Late = NonNullable<Rules['late']>;

function ruleOf({ percent, every, most, until }: Late): string {
  const each = every === 1 ? 'second' : duration(every).replace(/^1 /, '');
  const bound = most < 100 ? `, ${figure(most)} % at the most` : '';
  const end = until === null ? '' : `; after ${duration(until)} it gives no points`;
  return `The rule: what comes late loses ${figure(percent)} % of its grade for each ${each} begun${bound}${end}.`;
}

/** The sum is shown in steps where these lead to the grade; a grade by other steps is only stated. */
function reckoning({ late, onTime, grade }: Grade, { percent, every, most, until }: Late): string {
  const result = `of ${figure(onTime)} there remain ${figure(grade)}.`;
  if (late === null) return capital(result);
  if (until !== null && late > until) return `That is past the last day: ${result}`;
  const begun = Math.ceil(late / every);
  const loss = Math.min(begun * percent, most);
  if (Math.abs(onTime * (1 - loss / 100) - grade) > 0.011) return `So ${result}`;
  const bounded = begun * percent > most ? `, of which ${figure(most)} % count` : '';
  return `${count(begun, 'time', 'times')} ${figure(percent)} % is ${figure(begun * percent)} %${bounded}: ${result}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
