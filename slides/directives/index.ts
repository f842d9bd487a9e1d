// Every directive by its name.
import type { Part } from '../parse.ts';
import { code, solution } from './code.ts';
import { console } from './console.ts';
import type { Directive, Place } from './directive.ts';
import { figure } from './figure.ts';
import { hint } from './hint.ts';
import { live } from './live.ts';
import { mistake } from './mistake.ts';
import { tasks } from './tasks.ts';
import { title } from './title.ts';

const directives: Record<string, Directive> = { title, figure, tasks, hint, console, code, solution, mistake, live };

/** HTML; throws an Error in one line for what is wrong with it. */
export function renderDirective(part: Part & { kind: 'directive' }, where: Directive['where'], at: Place): string {
  const directive = Object.hasOwn(directives, part.name) ? directives[part.name] : undefined;
  if (!directive) throw new Error(`there is no directive {{${part.name}}}: ${Object.keys(directives).join(', ')}`);
  if (directive.where !== where)
    throw new Error(`{{${part.name}}} belongs ${where === 'slide' ? 'in the notes' : 'on the slide'}`);
  try {
    return directive.render(part.args, at);
  } catch (error) {
    throw new Error(
      `{{${[part.name, ...part.args].join(' ')}}}: ${(error as Error).message} (write ${directive.usage})`,
    );
  }
}
