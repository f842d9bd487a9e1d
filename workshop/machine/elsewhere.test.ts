// `npm start` on macOS and Windows, as real processes, on a terminal and without one.
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { findProgram } from '../doctor/facts.ts';
import { install } from './install.mjs';
import { onTerminal, place, start } from './stand-ins.ts';

test('in a machine that is up the command runs with its words as they are, and its status and streams come back', async t => {
  const { env, asked } = place(t, 'running');
  const { status, stdout, stderr } = await start(env, 'run', '03', '--', `it's "two" $words`, '');
  t.is(status, 7);
  t.is(stdout, `<run>\n<03>\n<-->\n<it's "two" $words>\n<>\n`);
  t.is(stderr, 'apart\n');
  t.deepEqual(
    asked().map(line => line.slice(0, 23)),
    ['vagrant: status --machi', 'vagrant: ssh --no-tty -'],
  );
});

test('without a terminal a machine that is down is not brought up: the line to type is there', async t => {
  const { env, asked } = place(t, 'poweroff');
  const { status, stdout, stderr } = await start(env, 'list');
  t.is(status, 1);
  t.is(stdout, '');
  t.regex(stderr, /^boxwright: .*not up\nnext: npm start -- --yes .*\n$/);
  t.is(asked().length, 1);
});

for (const [how, args, more] of [
  ['--yes', ['--yes', 'list'], {}],
  ['BOXWRIGHT_MACHINE=up', ['list'], { BOXWRIGHT_MACHINE: 'up' }],
] as const) {
  test(`${how} brings it up without a question, and carries on inside`, async t => {
    const { env, asked } = place(t, 'not_created');
    const { status, stdout, stderr } = await start({ ...env, ...more }, ...args);
    t.is(status, 7);
    t.is(stdout, '<list>\n', 'what vagrant says is not the command’s output');
    t.regex(stderr, /Bringing machine up/);
    t.is(asked()[1], 'vagrant: up');
  });
}

test('a machine that does not come up is said to, and nothing is run', async t => {
  const { path, env, asked } = place(t, 'poweroff');
  writeFileSync(`${path}/broken`, '');
  const { status, stderr } = await start(env, '--yes');
  t.is(status, 1);
  t.regex(stderr, /ended with 4; what it said is above\nnext: see vagrant\/README.md\n$/);
  t.is(asked().length, 2);
});

test('without Vagrant, or without a program that runs machines, it says what to install and what does without', async t => {
  const { path, env } = place(t, 'no-provider');
  const provider = await start(env);
  t.is(provider.status, 1);
  t.regex(provider.stderr, /no program that runs machines\nnext: brew install .*\n.*brew install lima/);

  rmSync(`${path}/vagrant`);
  symlinkSync(findProgram('sh') ?? '/bin/sh', `${path}/sh`);
  const program = await start({ ...env, PATH: path });
  t.is(program.status, 1);
  t.regex(program.stderr, /no Vagrant here\nnext: brew install --cask vagrant/);
  t.regex(install('win32'), /winget install .*\n.*wsl --install -d Debian/);
});

test('on a terminal it asks; Enter is yes, and the command has the terminal', async t => {
  const { env, asked } = place(t, 'not_created');
  const { press, text, ended } = onTerminal(t, env, 'list');
  await text(/Vagrant can make one .* Shall it\? \[Y\/n\] /);
  press('\r');
  await text(/<list>\nterminal\n/);
  t.deepEqual(await ended, [7, null]);
  t.regex(asked()[2] ?? '', /^vagrant: ssh --tty /);
});

for (const [name, keys] of [
  ['no', 'n\r'],
  ['the end of input', '\x04'],
  ['Ctrl-C', '\x03'],
] as const) {
  test(`${name} is no: nothing is brought up`, async t => {
    const { env, asked } = place(t, 'poweroff');
    const { press, text, ended } = onTerminal(t, env);
    await text(/start yours. Shall it/);
    press(keys);
    await text(/next: later: npm start -- --yes/);
    t.deepEqual(await ended, [1, null]);
    t.is(asked().length, 1);
  });
}

test('Ctrl-C while the machine comes up waits until Vagrant has tidied up', async t => {
  const { path, env, asked } = place(t, 'poweroff');
  writeFileSync(`${path}/slow`, '');
  const { press, text, ended } = onTerminal(t, env, '--yes', 'list');
  await text(/slow\n/);
  press('\x03');
  await text(/ended with 1/);
  t.deepEqual(await ended, [1, null]);
  t.is(asked().at(-1), 'tidied');
});

test('inside, Ctrl-C is the command’s own: it arrives there as a key', async t => {
  const { path, env } = place(t, 'running');
  writeFileSync(`${path}/raw`, '');
  const { press, text, ended } = onTerminal(t, env, 'watch');
  await text(/ready/);
  press('\x03');
  await text(/ 3\n/);
  t.deepEqual(await ended, [7, null]);
});
