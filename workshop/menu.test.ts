import test from 'ava';
import { cooked, onTerminal } from './testing/terminal.ts';
import { makeTree } from './testing/tree.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;
const down = '\u001b[B';

onLinux('the menu leads to a command and back, and Ctrl-C leads out with 130', async t => {
  const tree = makeTree();
  const { press, text, end } = onTerminal(tree, '');
  t.teardown(() => {
    end();
    tree.remove();
  });
  await text(/Go on with 01 · The first of its name[\s\S]*Quit/);
  press(down.repeat(4));
  await text(/❯ How far you are/);
  press('\r');
  await text(/0 of 3 passed[\s\S]*❯ Go on with 01/);
  press(down.repeat(2));
  await text(/❯ Another lesson/);
  press('\r');
  await text(/❯ 01 · The first of its name/);
  press('\r');
  await text(/❯ Watch/);
  press(down.repeat(4));
  await text(/❯ A hint/);
  press('\r');
  await text(/hint 1 of 4 {2}Which call[\s\S]*❯ Go on with 01/);
  press(down.repeat(3));
  await text(/❯ Open it as a page/);
  press('\r');
  await text(/Open http:\/\/127\.0\.0\.1:\d+\/01\?token=[\w-]{22}[\s\S]*q or Ctrl-C ends it/);
  press('q');
  await text(/❯ Go on with 01(?![\s\S]*ends it)/);
  press('\u0003');
  await text(new RegExp(`status 130${cooked}`));
  t.pass();
});
