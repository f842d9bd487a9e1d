// A deck's Markdown taken apart: slides between lines `---`, each with a heading, minutes, a level, parts and notes. It looks at the form
// alone; whether what the directives name exists is check.ts's matter.
import { parse } from 'yaml';

/** 'core': in every cut; 'more': from half a day on; 'deep': for a day and a term. */
export const levels = ['core', 'more', 'deep'] as const;
export type Level = (typeof levels)[number];

/** Markdown as it is, or a directive alone on its line: `{{console solution 1}}`. */
export type Part =
  | { kind: 'markdown'; text: string; line: number }
  | { kind: 'directive'; name: string; args: string[]; line: number };

export interface Slide {
  /** Of the file, from 1: where the slide begins. */
  line: number;
  /** Markdown, without its `## `; null where the directive `{{title}}` gives it. */
  heading: string | null;
  /** Spoken time. */
  minutes: number;
  level: Level;
  body: Part[];
  /** For the presenter. */
  notes: Part[];
}

export interface Problem {
  line: number;
  message: string;
}

export interface Parsed {
  /** From the front matter; null where there is none. */
  title: string | null;
  slides: Slide[];
  problems: Problem[];
}

interface Line {
  text: string;
  number: number;
  /** In a code block, or its fence. */
  code: boolean;
}

const fence = /^\s*(```|~~~)/;
const directive = /^\{\{\s*(.*?)\s*\}\}\s*$/;

export function parseDeck(markdown: string): Parsed {
  const problems: Problem[] = [];
  const { title, rest } = frontMatter(numbered(markdown), problems);
  const slides = split(rest).map(lines => readSlide(lines, problems));
  if (slides.length === 0) problems.push({ line: 1, message: 'there is no slide' });
  return { title, slides, problems };
}

function numbered(markdown: string): Line[] {
  let inside = false;
  const lines = markdown.replace(/\n$/, '').split('\n');
  return lines.map((text, i) => {
    const code = inside || fence.test(text);
    if (fence.test(text)) inside = !inside;
    return { text, number: i + 1, code };
  });
}

/** Only where the first line is `---` and what follows is `key: value`: a deck may begin with a separator by mistake. */
function frontMatter(lines: Line[], problems: Problem[]): { title: string | null; rest: Line[] } {
  const end = lines.findIndex((line, i) => i > 0 && line.text === '---');
  if (lines[0]?.text !== '---' || end < 0) return { title: null, rest: lines };
  let front: unknown = null;
  try {
    const yaml = lines.slice(1, end).map(line => line.text);
    front = parse(yaml.join('\n'));
  } catch (error) {
    problems.push({ line: 2, message: `the front matter is no YAML: ${(error as Error).message.split('\n')[0]}` });
  }
  const { title = null, ...others } = ((typeof front === 'object' ? front : null) as { title?: string } & object) ?? {};
  for (const key of Object.keys(others))
    problems.push({ line: 2, message: `the front matter has only \`title\`, not \`${key}\`` });
  return { title, rest: lines.slice(end + 1) };
}

function split(lines: Line[]): Line[][] {
  const slides: Line[][] = [[]];
  for (const line of lines) line.text === '---' && !line.code ? slides.push([]) : slides.at(-1)?.push(line);
  return slides.filter((each, i) => i > 0 || each.some(line => line.text.trim() !== ''));
}

function readSlide(lines: Line[], problems: Problem[]): Slide {
  const first = lines.findIndex(line => line.text.trim() !== '');
  const start = lines[first];
  const line = start?.number ?? lines[0]?.number ?? 1;
  const slide: Slide = { line, heading: null, minutes: 2, level: 'more', body: [], notes: [] };
  const wrong = (message: string, at = line) => problems.push({ line: at, message });
  if (!start) {
    wrong('the slide is empty');
    return slide;
  }

  let rest = lines.slice(first);
  const comment = /^<!--\s*(.*?)\s*-->\s*$/.exec(start.text)?.[1];
  if (comment !== undefined) {
    readComment(comment, slide, wrong);
    rest = rest.slice(1);
  }
  const noteAt = rest.findIndex(each => !each.code && /^Note:/.test(each.text));
  const body = noteAt < 0 ? rest : rest.slice(0, noteAt);
  const notes =
    noteAt < 0 ? [] : rest.slice(noteAt).map((each, i) => (i > 0 ? each : { ...each, text: each.text.slice(5) }));

  const headings = body.filter(each => !each.code && /^#{1,6} /.test(each.text));
  for (const { text, number } of headings)
    if (!text.startsWith('## ')) wrong('a slide’s heading is `## …`, and there is no other', number);
  const [heading, second] = headings.filter(each => each.text.startsWith('## '));
  slide.heading = heading?.text.slice(3).trim() ?? null;
  if (second) wrong('a second heading: one slide, one idea (is a `---` missing above?)', second.number);
  slide.body = parts(body.filter(each => each !== heading));
  slide.notes = parts(notes);
  if (!heading && !slide.body.some(part => part.kind === 'directive' && part.name === 'title'))
    wrong('the slide has no `## Heading`');
  if (slide.notes.length === 0) wrong('the slide has no notes: a line `Note:`, and what the presenter says');
  return slide;
}

function readComment(comment: string, slide: Slide, wrong: (message: string) => void): void {
  const [, settings] = /^slide:\s*(.*)$/.exec(comment) ?? [];
  if (settings === undefined) wrong(`not \`<!-- slide: minutes=2 level=core -->\`: ${comment}`);
  for (const setting of (settings ?? '').split(/\s+/).filter(Boolean)) {
    const [key, value = ''] = setting.split('=');
    if (key === 'minutes') {
      slide.minutes = Number(value);
      if (!(slide.minutes > 0) || slide.minutes % 0.5 !== 0) wrong(`minutes are whole or half: ${setting}`);
    } else if (key === 'level') {
      if (!levels.includes(value as Level)) wrong(`a level is one of ${levels.join(', ')}: ${setting}`);
      slide.level = value as Level;
    } else wrong(`a slide has \`minutes=\` and \`level=\`, not \`${setting}\``);
  }
}

function parts(lines: Line[]): Part[] {
  const found: Part[] = [];
  for (const { text, number, code } of lines) {
    const [, content] = (code ? null : directive.exec(text)) ?? [];
    const last = found.at(-1);
    if (content !== undefined) {
      const [name = '', ...args] = content.split(/\s+/);
      found.push({ kind: 'directive', name, args, line: number });
    } else if (last?.kind === 'markdown') last.text += `\n${text}`;
    else if (text.trim() !== '') found.push({ kind: 'markdown', text, line: number });
  }
  return found;
}
