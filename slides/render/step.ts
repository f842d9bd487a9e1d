// One step of a talk as reveal.js takes it: a section with a heading, what is on the slide, and the presenter's notes.
import { dirname } from 'node:path';
import { UserError } from '../../workshop/errors.ts';
import { home } from '../../workshop/paths.ts';
import type { Place } from '../directives/directive.ts';
import { renderDirective } from '../directives/index.ts';
import { taskList } from '../directives/tasks.ts';
import type { Part } from '../parse.ts';
import { clock, type Entry, type Step, spoken } from '../talk.ts';
import { escapeHtml } from './html.ts';
import { inlineMarkdown, renderMarkdown } from './markdown.ts';

export interface RenderOptions {
  /** The address of the workshop's terminal for a lesson, where the server has one. */
  shell?: ((lesson: string | null) => string) | undefined;
}

interface Content {
  layout: string;
  heading: string;
  body: string;
  notes: string;
}

export function renderStep(step: Step, options: RenderOptions): string {
  const { layout, heading, body, notes } = contentOf(step, options);
  const time = `<p class="time"><b>${spoken(step.minutes)}</b>, from ${clock(step.at)}</p>\n`;
  return (
    `<section id="${step.id}" data-timing="${Math.round(step.minutes * 60)}">\n<div class="slide ${layout}">\n<h2>${heading}</h2>\n` +
    `<div class="body">\n${body}</div>\n</div>\n<aside class="notes">\n${time}${notes}</aside>\n</section>\n`
  );
}

function contentOf(step: Step, options: RenderOptions): Content {
  switch (step.kind) {
    case 'slide':
      return slideContent(step, options);
    case 'exercise':
      return exerciseContent(step, options);
    case 'agenda':
      return {
        layout: 'agenda',
        heading: 'What comes',
        body: agenda(step.entries),
        notes:
          '<p>The times are those from the beginning. Breaks are kept; exercises may be cut short, since they can be finished at home.</p>\n',
      };
    case 'break':
      return {
        layout: 'break',
        heading: `Break: ${spoken(step.minutes)}`,
        body: `<p>We go on at ${clock(step.at + step.minutes)}.</p>\n`,
        notes: '<p>Stay for questions. Look who has not got the last exercise to pass.</p>\n',
      };
    case 'title':
      return {
        layout: 'title',
        heading: inlineMarkdown(step.cut.title),
        body: `<p>Boxwright: build your own container, one system call at a time</p>\n<p class="facts">${escapeHtml(clock(step.minutesInAll))} hours</p>\n`,
        notes:
          '<p>Before you begin: `npx boxwright doctor` on your machine and on a learner’s; a terminal with large type; this window, opened by S, on the screen that the room does not see.</p>\n'.replace(
            /`([^`]*)`/g,
            '<code>$1</code>',
          ),
      };
  }
}

function slideContent({ id, deck, slide }: Step & { kind: 'slide' }, options: RenderOptions): Content {
  const at = { deck, id, shell: options.shell?.(deck.lesson?.name ?? null) || undefined };
  const render = (parts: Part[], where: 'slide' | 'notes') =>
    parts.map((part, i) => renderPart(part, where, `${id}-${where}-${i + 1}`, at)).join('');
  const body = render(slide.body, 'slide');
  const opens = slide.body.some(part => part.kind === 'directive' && part.name === 'title');
  return {
    layout: opens ? 'title' : layoutOf(body),
    heading: inlineMarkdown(slide.heading ?? deck.title),
    body,
    notes: render(slide.notes, 'notes'),
  };
}

function renderPart(part: Part, where: 'slide' | 'notes', id: string, at: Place): string {
  const { file } = at.deck;
  try {
    return part.kind === 'directive' ? renderDirective(part, where, at) : renderMarkdown(part.text, dirname(file), id);
  } catch (error) {
    const place = `${file.slice(home.length + 1)}:${part.line}`;
    throw new UserError(
      `${place}: ${(error as Error).message}`,
      '`node slides/check.ts` names every mistake in the slides',
    );
  }
}

/** What is on it decides how it is laid out: a picture takes all there is. */
function layoutOf(body: string): string {
  if (body.includes('<figure')) return 'pictured';
  if (body.includes('<live-terminal')) return 'live';
  return body.includes('<pre') ? 'typed' : 'plain';
}

/** The slide with the tasks, and how to begin: it stays for as long as the learners work. */
function exerciseContent(step: Step & { kind: 'exercise' }, options: RenderOptions): Content {
  const { deck, slide, work } = step;
  const { lesson } = deck;
  const own = slide
    ? slideContent({ ...step, kind: 'slide', slide }, options)
    : { heading: 'Exercise', body: lesson ? taskList(lesson) : '', notes: '' };
  if (!lesson) return { ...own, layout: 'plain' };
  const typed = `<pre class="console large"><code><span class="prompt">$ </span><kbd>npx boxwright watch ${lesson.number}</kbd>  # ${spoken(work)}</code></pre>\n`;
  const rest =
    lesson.minutes > work
      ? ` Alone the lesson takes about ${lesson.minutes} minutes: it is meant to be finished at home.`
      : '';
  const notes = `<p>Then ${spoken(work)} of work.${rest} In the watch, <kbd>h</kbd> gives a hint; <code>npx boxwright class --serve</code> shows who is where.</p>\n`;
  return { layout: 'exercise', heading: own.heading, body: typed + own.body, notes: own.notes + notes };
}

function agenda(entries: Entry[]): string {
  const many = entries.length > 8 ? ' many' : '';
  const timed = entries.some(entry => entry.at > 0);
  const items = entries.map(({ title, at, exercise, id }) => {
    const name = inlineMarkdown(title);
    const time = timed ? `<time>${clock(at)}</time> ` : '';
    const pause = id?.includes('break-') ?? false;
    const more = exercise > 0 ? ` <small>exercise ${exercise} min</small>` : '';
    return `<li${pause ? ' class="pause"' : ''}>${time}${pause || !id ? name : `<a href="#/${id}">${name}</a>`}${more}</li>`;
  });
  return `<ol class="agenda${many}${timed ? '' : ' numbered'}">\n${items.join('\n')}\n</ol>\n`;
}
