// The console blocks of a text, executed: what a lesson shows is what happens, or a test fails.
//
//   node workshop/transcripts.ts 03        runs lesson 03's, and says what differs
import { readFileSync } from 'node:fs';
import { allLessons, findLesson, type Lesson } from './lessons.ts';
import { home } from './paths.ts';
import { openWorker } from './remote/client.ts';
import { placeOf } from './remote/place.ts';
import { hostEnv, openHost } from './sandbox/shell.ts';

export interface Command {
  /** Without the prompt; several lines when it was continued with `> `. */
  command: string;
  /** What the text says that comes out. */
  output: string;
  /** Of the text's file. */
  line: number;
}

export interface Block {
  /** `box` is the previous lesson's container: the attack that opens a lesson. */
  before: boolean;
  /** Holds only on a host with more users than one, which an ordinary user's sandbox has not. */
  root?: true;
  commands: Command[];
}

export interface Difference extends Command {
  file: string;
  actual: string;
}

/** Every ```console block of a Markdown text. */
export function parseBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let block: Block | null = null;
  for (const [i, line] of markdown.split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line)?.[1];
    if (fence !== undefined) {
      block = block === null && /^console\b/.test(fence) ? { before: / before\b/.test(fence), commands: [] } : null;
      if (block && / root\b/.test(fence)) block.root = true;
      if (block) blocks.push(block);
      continue;
    }
    if (!block) continue;
    const last = block.commands.at(-1);
    if (line.startsWith('$ ')) block.commands.push({ command: line.slice(2), output: '', line: i + 1 });
    else if (line.startsWith('> ') && last && last.output === '') last.command += `\n${line.slice(2)}`;
    else if (last) last.output += `${line}\n`;
  }
  return blocks;
}

/** Whether the output is what the text says: `…` alone on a line stands for any lines, within a line for any text. */
export function matches(expected: string, actual: string): boolean {
  const tidy = (text: string) => text.replace(/[ \t]+$/gm, '').trim();
  const pattern = tidy(expected)
    .split('\n')
    .map(line => (line.trim() === '…' ? '(?:[^\\n]*\\n?)*?' : line.split('…').map(escapePattern).join('[^\\n]*?')))
    .join('\n')
    // The newline around a `…` belongs to the lines that it stands for.
    .replaceAll('(?:[^\\n]*\\n?)*?\n', '(?:[^\\n]*\\n)*?');
  return new RegExp(`^${pattern}$`).test(tidy(actual));
}

const escapePattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A text's blocks, as `runBlocks` does. */
const runFile = (lesson: Lesson, file: string) =>
  runBlocks(lesson, parseBlocks(readFileSync(file, 'utf8')), file.slice(home.length + 1));

/** How often a text is played before what differs counts. */
const attempts = 3;

/**
 * What of them differs, played in two hosts, one for the attack with the previous lesson's container. `file`: for the differences. People
 * give a command a second to begin, and so do the texts: what differs only sometimes is a machine that had too much else to do.
 */
export async function runBlocks(lesson: Lesson, blocks: Block[], file: string): Promise<Difference[]> {
  const place = await placeOf(lesson);
  if (place) return openWorker(place.kernel).ask('blocks', { lesson: lesson.name, blocks, file });
  let differences: Difference[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    differences = await runOnce(lesson, blocks, file);
    if (differences.length === 0) break;
  }
  return differences;
}

async function runOnce(lesson: Lesson, all: Block[], file: string): Promise<Difference[]> {
  const rootful = process.getuid?.() === 0;
  const blocks = all.filter(block => rootful || !block.root);
  const previous =
    allLessons()
      .filter(each => each.number < lesson.number)
      .at(-1) ?? null;
  const differences: Difference[] = [];
  for (const before of [true, false]) {
    const commands = blocks.filter(block => block.before === before).flatMap(block => block.commands);
    if (commands.length === 0) continue;
    const outputs = await runCommands(
      before ? previous : lesson,
      commands.map(each => each.command),
    );
    for (const [i, command] of commands.entries()) {
      const actual = outputs[i] ?? '(the shell had ended)';
      if (!matches(command.output, actual)) differences.push({ ...command, actual, file });
    }
  }
  return differences;
}

/** Both texts of a lesson. */
export async function runTranscripts(lesson: Lesson): Promise<Difference[]> {
  return [...(await runFile(lesson, lesson.files.readme)), ...(await runFile(lesson, lesson.files.explanation))];
}

/** A shell that has not come to its end by then waits for something that will not happen: ms. */
const longest = 240_000;

/** Each command's output, from one shell on a fresh host whose `box` is the lesson's reference. */
async function runCommands(lesson: Lesson | null, commands: string[]): Promise<string[]> {
  const source = lesson ? readFileSync(lesson.files.solution, 'utf8') : undefined;
  const host = await openHost(lesson, { stdio: ['pipe', 'pipe', 'inherit'], source, earlier: 'reference' });
  try {
    // Commands come NUL by NUL on a descriptor that they do not inherit; each output ends with a mark.
    const loop =
      'exec 9<&0 </dev/null 2>&1; while IFS= read -r -d "" each <&9; do eval "$each" 9<&-; printf "\\001"; done';
    const env = { ...hostEnv(), API_TOKEN: 'token-of-the-host', COLUMNS: '100' };
    await host.box.execve('/bin/bash', ['bash', '--norc', '-c', loop], env);
    let text = '';
    host.box.stdout?.setEncoding('utf8').on('data', (data: string) => {
      text += data;
    });
    host.box.stdin?.end(commands.map(each => `${each}\0`).join(''));
    const late = setTimeout(() => void host.end(), longest);
    await host.box.exited;
    clearTimeout(late);
    await new Promise(next => setTimeout(next, 20));
    return text.split('\u0001').slice(0, -1);
  } finally {
    await host.end();
  }
}

if (import.meta.main) {
  const differences = await runTranscripts(findLesson(process.argv[2] ?? ''));
  for (const { file, line, command, output, actual } of differences) {
    console.log(`${file}:${line}: $ ${command}\n--- the text says\n${output}--- what came\n${actual}`);
  }
  process.exitCode = differences.length > 0 ? 1 : 0;
}
