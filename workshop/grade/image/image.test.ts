// What goes into the image: all that marking needs, and nothing of who makes it. try.ts makes it.
import { existsSync, readFileSync } from 'node:fs';
import test from 'ava';
import { readIgnore } from '../../../images/containerfile/ignore.ts';
import { home } from '../../paths.ts';

const containerfile = `${home}/workshop/grade/image/Containerfile`;
const ignore = await readIgnore(home, containerfile);

test('the image has what marking reads', t => {
  const wanted = [
    ...['workshop/boxwright.mjs', 'workshop/grade/mark/index.ts', 'package.json', 'helper-c/build/boxwright-helper'],
    ...['lessons/01-process/process.test.ts', 'solutions/01-process/process.ts', 'node_modules/commander/index.js'],
    ...['.cache/guest/uml/linux', '.cache/rootfs/bin/busybox', '.cache/busybox', 'linux/index.ts', 'images/index.ts'],
  ];
  for (const path of wanted) t.false(ignore.ignores(path), path);
  // What is made, and not written, may be missing here.
  for (const path of wanted.filter(each => /^(workshop|lessons|solutions|linux|images|package)/.test(each)))
    t.true(existsSync(`${home}/${path}`), path);
});

test('it has no history, nothing of a learner, and no other kernel', t => {
  const unwanted = [
    '.git/HEAD',
    '.progress/passed.json',
    '.cache/guest/qemu/linux',
    '.cache/images/x',
    'grades/grades.csv',
    '.env',
  ];
  for (const path of [...unwanted, 'solutions/01-process/mistakes/a.ts']) t.true(ignore.ignores(path), path);
});

test('it is made for anybody: no step of the Containerfile but one reaches for the network, and it ends as nobody of name', t => {
  const text = readFileSync(containerfile, 'utf8');
  t.deepEqual(text.match(/^RUN .*$/gm)?.length, 1);
  t.regex(text, /^RUN test -z "\$\{PACKAGES\}" \|\|/m);
  t.regex(text, /^USER [1-9]\d*:[1-9]\d*$/m);
});
