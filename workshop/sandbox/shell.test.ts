// `run` as a process, through pipes and on a terminal: the command's output, its end, and ^C.
import { spawn, spawnSync } from 'node:child_process';
import test from 'ava';
import { home } from '../paths.ts';

const door = `${home}/workshop/boxwright.mjs`;
const noScript = spawnSync('script', ['--version']).error && 'script (bsdutils) is not installed';

/** Types the lines, one after the other, at a terminal on which `boxwright run 03 -- sh` has been started. */
async function atTerminal(lines: string[]): Promise<{ text: string; status: number | null }> {
  const command = `stty rows 31 cols 97; ${process.execPath} ${door} run 03 --solution -- sh`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', data => {
    text += data;
  });
  const until = async (wanted: RegExp) => {
    for (let tries = 0; tries < 1000 && !wanted.test(text); tries++) await new Promise(next => setTimeout(next, 10));
  };
  // Busybox's prompt, and the question behind it where the cursor stands.
  await until(/# \S*$/);
  for (const line of lines) {
    text = '';
    child.stdin.write(line);
    await until(/# \S*$|exit/);
  }
  const status = await new Promise<number | null>(ended => child.on('exit', ended));
  return { text, status };
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
    const { text, status } = await atTerminal([
      'stty size > /tmp/size; cat /tmp/size\r',
      'exit "$(cut -d" " -f1 /tmp/size)"\r',
    ]);
    t.is(status, 31, text);
    t.notRegex(text, /Error/);
  },
);

onTerminal(
  `on a terminal, ^C ends what runs in the container, and not the container${noScript ? ` (${noScript})` : ''}`,
  async t => {
    const { text, status } = await atTerminal(['sleep 1000 # \r', '\u0003', 'exit 9\r']);
    t.is(status, 9, text);
  },
);
