// The middle ring: a process in the sandbox that does nothing but import the lesson's module and call it on request. What
// the learner's code does to this process (exit, loop, patch) it does to nobody else.

import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import { pathToFileURL } from 'node:url';
import { type Call, errnoName, Process, SyscallError } from '#linux';
import type { TraceLine } from '../check/report.ts';
import { home } from '../paths.ts';
import type {
  Answer,
  BoxReference,
  CallReference,
  ErrorData,
  FunctionReference,
  Request,
  TraceAnswer,
} from './protocol.ts';

const wire = new Socket({ fd: 4 });
const send = (answer: Answer) => wire.write(`${JSON.stringify(answer)}\n`);

/** Every process that was started, by whomever. */
const boxes: Process[] = [];
subscribe('boxwright:process', box => boxes.push(box as Process));

let lesson: Record<string, unknown> = {};
let loaded = '';

async function perform(request: Request): Promise<unknown> {
  switch (request.op) {
    case 'load':
      loaded = request.file;
      lesson = await import(pathToFileURL(request.file).href);
      return Object.keys(lesson);
    case 'call': {
      const called = (request.from === undefined ? lesson : await import(request.from))[request.name];
      if (typeof called !== 'function') throw new TypeError(`the lesson's file exports no function ${request.name}`);
      return refer(await called(...(await Promise.all(request.args.map(each => dereference(each))))));
    }
    case 'start':
      return refer(await Process.start());
    case 'exited':
      return boxes[request.box]?.exited;
    case 'trace':
      return boxes
        .map((box, i) => ({ box: i, calls: i < request.from ? [] : box.trace.map(traceLine) }))
        .slice(request.from) satisfies TraceAnswer;
    case 'mark':
      writeSync(1, request.text);
      writeSync(2, request.text);
      return null;
  }
}

function refer(value: unknown): unknown {
  if (!(value instanceof Process)) return value ?? null;
  return { $box: boxes.indexOf(value), pid: value.pid } satisfies BoxReference;
}

/** Puts processes, functions and what those give in the places of what stands for them, at the top and one level below. */
async function dereference(value: unknown, deep = true): Promise<unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('$box' in value) return boxes[(value as BoxReference).$box];
  if ('$function' in value) {
    const { $function, from } = value as FunctionReference;
    return (from ? await import(from) : lesson)[$function];
  }
  if ('$call' in value) {
    const { $call, from, args } = value as CallReference;
    const [name = '', method] = $call.split('.');
    const { [name]: found } = await import(from);
    return method === undefined ? found(...args) : found[method](...args);
  }
  if (!deep) return value;
  const entries = Object.entries(value).map(async ([key, each]) => [key, await dereference(each, false)]);
  return Object.fromEntries(await Promise.all(entries));
}

function traceLine(call: Call): TraceLine {
  const where = lineOf(call.stack);
  return {
    pid: call.pid,
    name: call.name,
    text: String(call),
    result: call.result,
    code: call.failed ? errnoName(-(call.result ?? 0)) : null,
    line: where?.line ?? null,
    file: where?.file ?? null,
  };
}

/** The innermost line of the lesson's file, else of any lesson. */
function lineOf(stack: string): { file: string; line: number } | null {
  const frames = [...stack.matchAll(/file:\/\/(\/[^:()?]+)[^:()]*:(\d+):\d+/g)]
    .map(([, file = '', line]) => ({ file, line: Number(line) }))
    .filter(({ file }) => /^\/(lessons|solutions)\//.test(file.slice(home.length)));
  const found = frames.find(({ file }) => file === loaded) ?? frames[0];
  return found ? { file: found.file.slice(home.length + 1), line: found.line } : null;
}

function errorData(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '' };
  const data = { name: error.name, message: error.message, stack: error.stack ?? '' };
  return error instanceof SyscallError ? { ...data, code: error.code, syscall: error.syscall, call: error.call } : data;
}

process.on('unhandledRejection', error => send({ event: 'unhandled', error: errorData(error) }));

// On a terminal, what its keys send is for the container in front. execve(2) gives the container's command the defaults again.
if (isatty(0)) {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.on(signal, () => {});
}

const lines = createInterface({ input: wire });
lines.on('line', async line => {
  const request = JSON.parse(line) as Request;
  try {
    send({ id: request.id, value: await perform(request) });
  } catch (error) {
    send({ id: request.id, error: errorData(error) });
  }
});
for (const end of [wire, lines]) end.on('error', () => {});
// The checker has gone: nobody is left to run for.
wire.on('close', () => process.exit(0));
send({ id: 0, value: 'ready' });
