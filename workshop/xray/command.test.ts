// `boxwright xray` as a process: what it prints, in colour and without, its status, and what it says of mistakes.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { findProgram, machineFacts } from '../doctor/facts.ts';
import { home } from '../paths.ts';
import { makeFolder, openBench, writeBase, writeContext } from '../peers/build/context.ts';
import { reader } from '../testing/terminal.ts';
import { inside } from './engine-kit.ts';
import { readImages } from './index.ts';
import type { ImagesView, Xray } from './types.ts';

const facts = await machineFacts();
const program = [process.execPath, '--no-warnings', `${home}/workshop/boxwright.mjs`, 'xray'] as const;
function run(args: string[], env: Record<string, string> = {}) {
  const [node, ...rest] = program;
  const { NO_COLOR: _, FORCE_COLOR: __, ...usual } = process.env;
  return spawnSync(node, [...rest, ...args], { encoding: 'utf8', env: { ...usual, ...env }, maxBuffer: 1 << 26 });
}

test('wrong usage ends with 2, what is not there with 1: a line and the next action', t => {
  const cases: [string[], number, RegExp][] = [
    [[], 2, /^boxwright: an x-ray of what\?\nnext: /],
    [['1', '--docker', 'web'], 2, /one thing at a time/],
    [['one'], 2, /^boxwright: "one" is no process’s number\n/],
    [['0'], 2, /no process’s number/],
    [['-1'], 2, /./],
    [['1e3'], 2, /no process’s number/],
    [['self', '--json', '--svg'], 2, /exclude each other/],
    [['self', '--watch'], 2, /needs a terminal/],
    [['--images', '--svg'], 2, /--images goes with/],
    [['9999999'], 1, /^boxwright: there is no process 9999999\nnext: /],
    [['--images', '/nowhere'], 1, /^boxwright: there is no store in \/nowhere/],
  ];
  for (const [args, expected, message] of cases) {
    const { status, stderr, stdout } = run(args);
    t.is(status, expected, `${args.join(' ')}: ${stderr}`);
    t.regex(stderr, message);
    t.notRegex(stderr, /\n {4}at /);
    t.is(stdout, '');
  }
});

test('text, JSON and a drawing of one process; colours only where they are wanted', t => {
  const pid = String(process.pid);
  const text = run([pid]);
  t.is(text.status, 0, text.stderr);
  t.regex(text.stdout, new RegExp(`^process ${pid} `));
  t.false(text.stdout.includes('\x1b'));
  for (const line of text.stdout.split('\n')) t.true([...line].length <= 80, line);
  t.true(run([pid], { FORCE_COLOR: '1' }).stdout.includes('\x1b['));
  const xray: Xray = JSON.parse(run([pid, '--json']).stdout);
  t.is(xray.process.pid, process.pid);
  t.is(xray.process.parent, process.ppid);
  t.is(xray.namespaces.find(({ kind }) => kind === 'pid')?.inode, statSync('/proc/self/ns/pid').ino);
  const { status, stdout } = run([pid, '--svg']);
  t.is(status, 0);
  t.regex(stdout, /^(<\?xml[^>]*>\s*)?<svg /);
  t.true(stdout.includes(pid));
});

test('self is the process that looks', t => {
  const { process: view }: Xray = JSON.parse(run(['self', '--json']).stdout);
  t.true(view.command.includes('xray'));
});

test('--watch draws on a screen of its own, again and again, and gives the terminal back on Ctrl-C', async t => {
  // Ctrl-C is the shell's too, and not every shell would go on after it without the trap.
  const line = `trap : INT; stty cols 60 rows 20; ${program.map(each => `'${each}'`).join(' ')} ${process.pid} --watch; echo "status $?"`;
  const child = spawn('script', ['-qc', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGHUP'));
  let raw = '';
  child.stdout.on('data', data => {
    raw += data;
  });
  const text = reader(child);
  for (let i = 0; i < 2; i++) await text(new RegExp(`process ${process.pid}`));
  child.stdin.write('\x03');
  await text(/status 130/);
  t.is(raw.split('\x1b[?1049h').length, 2);
  t.true(raw.lastIndexOf('\x1b[?1049l') > raw.lastIndexOf('\x1b[H'));
});

const noRoot = !facts.root && 'hiding a program takes root';
const noPodman = noRoot || (!findProgram('podman') && 'Podman is not installed');
(noPodman ? test.skip : test)(`a program that is not installed${noPodman ? ` (skipped: ${noPodman})` : ''}`, t => {
  const folder = findProgram('podman')?.replace(/\/podman$/, '');
  const said = inside(`mkdir upper work; mount -t tmpfs none upper; mkdir upper/u upper/w
    mount -t overlay -o lowerdir=${folder},upperdir=$F/upper/u,workdir=$F/upper/w none ${folder}; rm ${folder}/podman
    xray --podman web 2> said && exit 9; echo $? > status`);
  t.teardown(said.end);
  t.is(said.read('status').trim(), '1');
  t.regex(said.read('said'), /^boxwright: podman is not installed here\nnext: .*xray PID/);
});

test('an engine that speaks for another machine: its numbers are nobody’s here, or somebody else’s', t => {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-engine-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const asked = (Pid: number, StartedAt: string) => {
    const answer = JSON.stringify([{ Id: 'f'.repeat(64), Name: '/far', State: { Pid, Status: 'running', StartedAt } }]);
    writeFileSync(`${folder}/docker`, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    return run(['--docker', 'far', '--json'], { PATH: `${folder}:${process.env.PATH}` });
  };
  for (const [pid, started] of [
    [9_999_999, new Date().toISOString()],
    [process.pid, '2001-02-03T04:05:06.789Z'],
    [process.pid, ''],
  ] as const) {
    const { status, stderr } = asked(pid, started);
    t.is(status, 1);
    t.regex(stderr, /^boxwright: docker runs far on another kernel than this one: process \d+ here is not it\nnext: /);
  }
});

(noRoot ? test.skip : test)('images of a store, and the layers that they share', async t => {
  const folder = makeFolder();
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { build, store } = await openBench(`${folder}/store`);
  writeBase(`${folder}/base`);
  await build(`${folder}/base`, { tag: 'base' });
  for (const name of ['one', 'two']) {
    writeContext(`${folder}/${name}`, { files: { [name]: name }, containerfile: `FROM base\nCOPY ${name} /\n` });
    await build(`${folder}/${name}`, { tag: name });
  }
  const view = await readImages(store.folder);
  t.deepEqual(view.images.map(({ name, layers }) => [name, layers.length]).sort(), [
    ['base', 1],
    ['one', 2],
    ['two', 2],
  ]);
  const layers = new Map(view.images.map(({ name, layers }) => [name, layers]));
  const shared = layers.get('base')?.[0] ?? '';
  t.is(layers.get('one')?.[0], shared);
  t.is(view.layers[shared]?.usedBy, 3);
  t.is(Object.keys(view.layers).length, 3);
  for (const [digest, { bytes }] of Object.entries(view.layers))
    t.is(bytes, statSync(`${store.folder}/blobs/${digest.replace(':', '/')}`).size);
  const before = readFileSync(`${store.folder}/index.json`);
  const { stdout } = run(['--images', store.folder]);
  t.regex(stdout, /shared by 3/);
  t.deepEqual(JSON.parse(run(['--images', store.folder, '--json']).stdout) as ImagesView, view);
  t.deepEqual(readFileSync(`${store.folder}/index.json`), before);
});
