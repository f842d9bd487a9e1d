// The demos that a live terminal plays: Markdown in demos/, of which each step is a sentence for the presenter and a console block with
// one command and what it answers; `…` stands for any text. The tests play every step.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseBlocks } from '../../workshop/transcripts.ts';
import { size } from './browser/hardware.ts';

export interface Step {
  /** What to say, before it is typed. */
  say: string;
  command: string;
  /** What comes, for `matches` of workshop/transcripts.ts. */
  output: string;
}

export interface Demo {
  name: string;
  title: string;
  steps: Step[];
}

const folder = fileURLToPath(new URL('./demos', import.meta.url));

/** Of a command, so that the line with the prompt fits; a wrapped one would be echoed in two lines. */
const longest = size.cols - 'host # '.length - 1;

export const demoNames = (): string[] =>
  readdirSync(folder)
    .filter(file => file.endsWith('.md'))
    .map(file => file.slice(0, -3))
    .sort();

/** Throws where there is none of this name, and where a step is not as described above. */
export function readDemo(name: string): Demo {
  if (!demoNames().includes(name)) {
    throw new Error(`there is no demo ${JSON.stringify(name)} in slides/live/demos: ${demoNames().join(', ')}`);
  }
  return parseDemo(name, readFileSync(`${folder}/${name}.md`, 'utf8'));
}

export function parseDemo(name: string, text: string): Demo {
  const wrong = (what: string) => new Error(`slides/live/demos/${name}.md: ${what}`);
  const title = /^# (.*)$/m.exec(text)?.[1];
  if (!title) throw wrong('it begins with no title');
  const prose = text.replace(/^# .*$/m, '').split(/^```[\s\S]*?^```$/m);
  const steps = parseBlocks(text).map(({ commands }, i) => {
    const [step, ...others] = commands;
    const say = prose[i]?.trim().replace(/\s+/g, ' ') ?? '';
    if (!step || others.length > 0) throw wrong(`block ${i + 1} has not one command`);
    if (say === '') throw wrong(`nothing is said before \`${step.command}\``);
    if (!/^[ -~]*$/.test(step.command)) throw wrong(`\`${step.command}\` cannot be typed on every keyboard`);
    if (step.command.length > longest) throw wrong(`\`${step.command}\` is longer than ${longest} characters`);
    return { say, command: step.command, output: step.output.trimEnd() };
  });
  if (steps.length === 0) throw wrong('it has no step');
  return { name, title, steps };
}
