// `run` as a process, through pipes and on a terminal: the command's output, its end, and ^C.
import { spawn, spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '../../linux/kit.ts';
import { home } from '../paths.ts';

const door = `${home}/workshop/boxwright.mjs`;
const noScript = spawnSync('script', ['--version']).error && 'script (bsdutils) is not installed';

/**
 * Types the lines, one after the other, at a terminal on which `boxwright run 03 -- sh` has been started: each when what the one
 * before it leads to has been shown, the shell's prompt when nothing else is named.
 */
async function atTerminal(
  t: ExecutionContext,
  ...lines: [line: string, shows?: RegExp][]
): Promise<{ text: string; status: number | null }> {
  const command = `stty rows 31 cols 97; exec ${process.execPath} ${door} run 03 --solution -- sh`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  t.teardown(() => child.kill('SIGHUP'));
  const ended = new Promise<number | null>(tell => child.on('exit', tell));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', data => {
    text += data;
  });
  // Busybox's prompt, and the question behind it where the cursor stands.
  const prompt = /# \S*$/;
  const until = async (wanted: RegExp) => t.true(await eventually(() => wanted.test(text)), `${wanted} in ${text}`);
  await until(prompt);
  for (const [line, shows = prompt] of lines) {
    text = '';
    child.stdin.write(line);
    await until(shows);
  }
  return { text, status: await ended };
}

test('through pipes, the command has its input, and its status is kept', t => {
  const script = 'read line; echo "got $line"; echo bad >&2; exit 7';
  const ran = spawnSync(process.execPath, [door, 'run', '03', '--solution', '--', 'sh', '-c', script], {
    input: 'x\n',
    encoding: 'utf8',
  });
  t.deepEqual([ran.stdout, ran.stderr, ran.status], ['got x\n', 'bad\n', 7]);
});

const onTerminal = noScript ? test.skip : test;
onTerminal(
  `on a terminal, it has the terminal’s size, and its status is kept${noScript ? ` (${noScript})` : ''}`,
  async t => {
    const { text, status } = await atTerminal(
      t,
      ['stty size > /tmp/size; cat /tmp/size\r'],
      ['exit "$(cut -d" " -f1 /tmp/size)"\r', /exit/],
    );
    t.is(status, 31, text);
    t.notRegex(text, /Error/);
  },
);

onTerminal(
  `on a terminal, ^C ends what runs in the container, and not the container${noScript ? ` (${noScript})` : ''}`,
  async t => {
    // What is typed is shown too, and is not the word: that is there when the command runs, and the terminal is its own.
    const running = 'sh -c "echo run""ning; exec sleep 1000"\r';
    const { text, status } = await atTerminal(t, [running, /running/], ['\u0003'], ['exit 9\r', /exit/]);
    t.is(status, 9, text);
  },
);
