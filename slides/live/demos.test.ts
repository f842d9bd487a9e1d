// Every step of every demo, played in the kernel that the slides show: what a slide promises is what happens.
import { readFileSync } from 'node:fs';
import test from 'ava';
import { matches } from '../../workshop/transcripts.ts';
import { demoNames, parseDemo, readDemo } from './demos.ts';
import { resume } from './machine.ts';
import { live } from './testing.ts';

const { built, whyNot } = await live();

for (const name of demoNames()) {
  const title = `The demo ${name} goes as its text says.`;
  if (built === null) test.skip(`${title} (Skipped: ${whyNot}.)`, () => {});
  else
    test.serial(title, async t => {
      const began = performance.now();
      const machine = await resume(readFileSync(built.state), AbortSignal.timeout(600_000));
      t.teardown(() => machine.end());
      await machine.prompt();
      t.log(`a shell after ${((performance.now() - began) / 1000).toFixed(1)} s in Node`);
      const answers: string[] = [];
      for (const { command, output } of readDemo(name).steps) {
        const answer = await machine.run(command);
        answers.push(answer);
        t.true(matches(output, answer), `$ ${command}\n--- the demo says\n${output}\n--- what came\n${answer}`);
      }
      // `…` stands for any text: what has to be true of it.
      if (name === 'namespaces') t.not(answers[2], answers[0], 'the UTS namespace is another');
      if (name === 'cgroup') t.regex(answers.join('\n'), /nr_throttled [1-9]\d*\nthrottled_usec [1-9]\d*/);
    });
}

test('A step is one sentence and one command that fits the line.', t => {
  const demo = '# Title\n\nSay this.\n\n```console\n$ echo a\na\n```\n';
  t.deepEqual(parseDemo('made-up', demo), {
    name: 'made-up',
    title: 'Title',
    steps: [{ say: 'Say this.', command: 'echo a', output: 'a' }],
  });
  const wrong: [string, RegExp][] = [
    ['', /no title/],
    ['# Title\n', /no step/],
    ['# Title\n```console\n$ a\n```\n', /nothing is said/],
    ['# Title\nSay.\n```console\n$ a\n$ b\n```\n', /not one command/],
    [`# Title\nSay.\n\`\`\`console\n$ ${'a'.repeat(73)}\n\`\`\`\n`, /longer than/],
    ['# Title\nSay.\n```console\n$ echo ’\n```\n', /every keyboard/],
  ];
  for (const [text, message] of wrong) t.throws(() => parseDemo('made-up', text), { message });
  t.throws(() => readDemo('../../package'), { message: /there is no demo/ });
});
