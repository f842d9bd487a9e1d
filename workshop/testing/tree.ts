// A small workshop to test the commands in: a copy of the tool with three made-up lessons, and in place of the sandbox a stand-in
// that judges by what a lesson's text says. The commands run in it as processes of their own.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { home } from '../paths.ts';

export interface Outcome {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

export interface Tree {
  path: string;
  /** `npx boxwright ARGS` in it, with stdin at its end. */
  boxwright(...args: string[]): Promise<Outcome>;
  start(...args: string[]): ChildProcess;
  read(file: string): string;
  write(file: string, text: string): void;
  remove(): void;
}

export const lessonFile = 'lessons/01-first/first.ts';
const here = fileURLToPath(new URL('.', import.meta.url));

export function makeTree(): Tree {
  const path = mkdtempSync(`${tmpdir()}/boxwright-tree-`);
  for (const each of ['workshop', 'linux', 'package.json']) {
    cpSync(`${home}/${each}`, `${path}/${each}`, { recursive: true, filter: name => !name.endsWith('.test.ts') });
  }
  for (const each of ['node_modules', 'helper-c', 'images']) symlinkSync(`${home}/${each}`, `${path}/${each}`);
  cpSync(`${here}/engine.ts`, `${path}/workshop/check/engine.ts`);
  cpSync(`${here}/trace.ts`, `${path}/workshop/check/trace.ts`);
  cpSync(`${here}/../grade/testing/mark.ts`, `${path}/workshop/grade/mark/index.ts`);
  cpSync(`${here}/shell.ts`, `${path}/workshop/sandbox/shell.ts`);
  cpSync(`${here}/stand-in-stage.ts`, `${path}/workshop/stage/index.ts`);
  for (const [number, slug] of [
    ['01', 'first'],
    ['02', 'second'],
    ['03', 'third'],
  ]) {
    const name = `${number}-${slug}`;
    mkdirSync(`${path}/lessons/${name}`, { recursive: true });
    mkdirSync(`${path}/solutions/${name}`, { recursive: true });
    writeFileSync(
      `${path}/lessons/${name}/README.md`,
      readFileSync(`${here}/lesson.md`, 'utf8').replaceAll('SLUG', `${slug}`),
    );
    writeFileSync(`${path}/lessons/${name}/${slug}.ts`, starter);
    writeFileSync(`${path}/solutions/${name}/${slug}.ts`, solved);
    writeFileSync(`${path}/solutions/${name}/README.md`, '# Why it works\n\nBecause the *kernel* says so.\n');
  }

  const entry = [`${path}/workshop/boxwright.mjs`];
  const { BOXWRIGHT_GUEST: _, ...outer } = process.env;
  // Nobody sits in front of a test, so that no browser's window opens.
  const nobody = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined, WSL_DISTRO_NAME: undefined };
  const env = { ...outer, ...nobody, NO_COLOR: '1', FORCE_COLOR: undefined, COLUMNS: '80' };
  return {
    path,
    boxwright: (...args) =>
      new Promise(resolve => {
        const child = execFile(process.execPath, [...entry, ...args], { cwd: path, env }, (error, stdout, stderr) => {
          resolve({ status: error ? (error.code ?? error.signal ?? null) : 0, stdout, stderr });
        });
        child.stdin?.end();
      }),
    start: (...args) =>
      spawn(process.execPath, [...entry, ...args], { cwd: path, env, stdio: ['ignore', 'pipe', 'pipe'] }),
    read: file => readFileSync(`${path}/${file}`, 'utf8'),
    write: (file, text) => writeFileSync(`${path}/${file}`, text),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export const starter = '// TODO 1\n// TODO 2\n';
export const solved = '// true: own-name\n// true: host-kept\n// true: long-name\n';
