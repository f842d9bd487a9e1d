import test from 'ava';
import { Chalk } from 'chalk';
import { cells, harmless, spread, wrap } from './text.ts';

const chalk = new Chalk({ level: 1 });

test('lines break at spaces, and none is wider than was asked', t => {
  t.deepEqual(wrap('the host was renamed, then the container got a copy', 20), [
    'the host was',
    'renamed, then the',
    'container got a copy',
  ]);
});

test('spaces within a line stay, as in aligned facts', t => {
  t.deepEqual(wrap('sethostname("x", 1) = 0     while in uts:[1]', 60), [
    'sethostname("x", 1) = 0     while in uts:[1]',
  ]);
});

test('a word that no line holds is cut, unless it is coloured', t => {
  t.deepEqual(wrap('/a/very/long/path/indeed', 12), ['/a/very/long', '/path/indeed']);
  const coloured = chalk.cyan('/a/very/long/path/indeed');
  t.deepEqual(wrap(coloured, 12), [coloured]);
});

test('lines after a break hang, and still fit', t => {
  const lines = wrap('mount("none", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0', 30, '    ');
  t.deepEqual(lines, ['mount("none", "/", NULL,', '    MS_REC|MS_PRIVATE, NULL) =', '    0']);
});

test('colours take no cells, and wide characters two', t => {
  t.is(cells(chalk.red('ab')), 2);
  t.is(cells('✔ … “→”'), 7);
  t.is(cells('日本🙂'), 6);
});

test('two ends of a line keep their distance when it is too short', t => {
  t.is(spread('left', 'right', 12), 'left   right');
  t.is(spread('left', 'right', 4), 'left  right');
});

test('escape sequences in what others printed are shown, not obeyed', t => {
  t.is(harmless('\u001b[2Jgone\rback\n\u009b0m\tend'), '\\x1b[2Jgone\\x0dback\n\\x9b0m  end');
});
