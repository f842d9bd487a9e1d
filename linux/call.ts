// The record of one system call: what was asked, by which line, and what the kernel said.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argument } from './memory.ts';
import { formatCall, formatResult } from './strace.ts';

/** A line of source: the first one outside `linux/` that led to the call. */
export interface Where {
  file: string;
  line: number;
  column: number;
}

/** A function whose caller is to blame for the call: the stack begins above it. */
export type Above = (...args: never[]) => unknown;

export class Call {
  /** Of the process that made it, as Node sees it. 0 until it is answered. */
  pid = 0;
  readonly name: string;
  readonly args: readonly Argument[];
  /** What the kernel returned: the negative errno for a failure; null while there is no answer. */
  result: number | null = null;
  readonly #site: { stack?: string };

  constructor(name: string, args: readonly Argument[], above: Above) {
    this.name = name;
    this.args = args;
    this.#site = {};
    Error.captureStackTrace(this.#site, above);
  }

  get failed(): boolean {
    return this.result !== null && this.result < 0 && this.result >= -4095;
  }

  /** `mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL)` */
  get text(): string {
    return formatCall(this.name, this.args, this.result);
  }

  /** The stack at the time of the call, without the message's line. */
  get stack(): string {
    return (this.#site.stack ?? '').split('\n').slice(1).join('\n');
  }

  get where(): Where | null {
    for (const line of this.stack.split('\n')) {
      const [, url, row, column] = /(file:\/\/.+):(\d+):(\d+)\)?$/.exec(line) ?? [];
      // A module may have been loaded as file.ts?again; fileURLToPath leaves that out.
      const file = url && fileURLToPath(url);
      if (file && !isOurs(file)) return { file, line: Number(row), column: Number(column) };
    }
    return null;
  }

  /** As strace prints it: `unshare(CLONE_NEWNS) = 0`. */
  toString(): string {
    return `${this.text} = ${this.result === null ? '?' : formatResult(this.result)}`;
  }
}

/** Files of this folder, but not its tests. */
const isOurs = (file: string) => dirname(file) === import.meta.dirname && !file.endsWith('.test.ts');
