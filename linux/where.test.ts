// An error points at the line that made the call, through whatever stands between.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { here } from './kit.ts';

/** Each line marked with a call's name is where that call must say that it was made. */
const script = `import { build, CLONE, Process } from 'LINUX';
const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
const caught: unknown[] = [];
const note = (error: unknown) => caught.push(error);

await box.chdir('/no').catch(note); // here
async function deep(name: string): Promise<void> {
  await null;
  await box.syscall('getpid');
  await box.readlink(name); // here
}
async function through(): Promise<void> {
  await deep('/no');
}
await through().catch(note);
await box.together(() => {
  box.syscall('getpid');
  box.mkdir('/no/such'); // here
}).catch(note);
await box.read(99, 1).catch(note); // here
await box.clone(CLONE.VM).catch(note); // here
await build(async inner => {
  await inner.syscall('chroot', '/no'); // here
}).catch(note);
await Promise.all([1, 2].map(async () => {
  await box.execve('/no', ['no']); // here
})).catch(note);
// The second one's answer may be on its way still.
await box.syscall('getpid');
await box.end();
await box.chdir('/').catch(note); // here

const lines = caught.map(error => Number(/SCRIPT[^:]*:(\\d+):\\d+/.exec(String((error as Error).stack))?.[1]));
const wheres = box.trace.filter(call => call.failed).map(call => call.where);
console.log(JSON.stringify({ lines, wheres }));
`;

for (const folder of ['plain', 'with (odd) name ü%20']) {
  here(`Stack and place of a failed call are the caller's, in a folder ${folder}.`, t => {
    const top = mkdtempSync(`${realpathSync(tmpdir())}/boxwright-where-`);
    t.teardown(() => rmSync(top, { recursive: true }));
    const dir = `${top}/${folder}`;
    mkdirSync(dir);
    writeFileSync(
      `${dir}/script.ts`,
      script.replace('LINUX', `${import.meta.dirname}/index.ts`).replace('SCRIPT', 'script.ts'),
    );

    const { stdout, stderr } = spawnSync(process.execPath, [`${dir}/script.ts`], { encoding: 'utf8' });
    t.not(stdout, '', stderr);
    const { lines, wheres } = JSON.parse(stdout);
    const marked = script.split('\n').flatMap((line, i) => (line.endsWith('// here') ? [i + 1] : []));
    t.deepEqual(lines, marked);
    // The one within build is another process's, and the last was never made.
    const [chdir, readlink, mkdir, read, clone, , execve] = marked;
    t.deepEqual(
      wheres.map((where: { line: number }) => where.line),
      [chdir, readlink, mkdir, read, clone, execve, execve],
    );
    for (const where of wheres) t.is(where.file, `${dir}/script.ts`);
  });
}
