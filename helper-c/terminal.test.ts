// The terminal's own signals: what a person types reaches the command once, whichever group the command is in.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, notHere, own, unless } from '../linux/kit.ts';

const linux = `${import.meta.dirname}/../linux/index.ts`;
const absent =
  notHere || (spawnSync('script', ['--version']).error ? 'script (of util-linux) is not installed' : false);

for (const [group, move] of [
  ["the terminal's group", ''],
  ['a group of its own', 'await box.syscall("setpgid", 0, 0);'],
  ['a session of its own', 'await box.setsid();'],
] as const) {
  unless(absent)(`^C reaches a command in ${group} once.`, async t => {
    const dir = mkdtempSync(`${tmpdir()}/boxwright-terminal-`);
    t.teardown(() => rmSync(dir, { recursive: true }));
    // Node itself is in the foreground group as well, and is not to die of it. The supervisor is stopped until the command
    // has had its signal from the terminal: two that arrive at the same time would be taken for one.
    writeFileSync(
      `${dir}/owner.ts`,
      `import { readFileSync } from 'node:fs';
      import { CLONE, Process } from ${JSON.stringify(linux)};
      process.on('SIGINT', () => setTimeout(() => process.kill(supervisor, 'SIGCONT'), 200));
      const box = await Process.start();
      const supervisor = box.pid;
      await box.clone(${own} | CLONE.NEWPID);
      ${move}
      const script = "trap 'echo GOT' INT; trap 'exit 6' TERM; echo SET; while :; do sleep 0.05; done";
      await box.execve('/bin/sh', ['sh', '-c', script], { PATH: '/usr/bin:/bin' });
      process.kill(supervisor, 'SIGSTOP');
      while (!/^State:.T/m.test(readFileSync('/proc/' + supervisor + '/status', 'utf8')));
      console.log('READY');
      process.stdin.on('data', () => box.kill('SIGTERM'));
      console.log('EXIT ' + (await box.exited).code);
      process.exit();`,
    );
    const command = `exec "${process.execPath}" "${dir}/owner.ts"`;
    const child = spawn('script', ['-q', '-c', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    t.teardown(() => child.kill('SIGKILL'));
    let text = '';
    child.stdout.on('data', data => {
      text += data;
    });
    const until = async (word: string) => {
      t.true(await eventually(() => text.includes(word)), `${word} in ${JSON.stringify(text)}`);
    };
    await until('READY');
    await until('SET');
    child.stdin.write('\x03');
    await until('GOT');
    // Long enough for a second one.
    await sleep(600);
    t.is(text.split('GOT').length - 1, 1, text);
    child.stdin.write('\n');
    await until('EXIT 6');
    child.stdin.end();
  });
}
