// A save on a folder that a virtual machine shares: the kernel there sends no event for it. An overlay behaves alike when its
// lower folder is written to, whoever shares it: it shows the new text and knows of no save. overlayfs.rst
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import test from 'ava';
import { machineFacts } from '../doctor/facts.ts';

const facts = await machineFacts();
const here = facts.overlay ? test : test.skip;

const saves = JSON.stringify(new URL('./saves.ts', import.meta.url).href);
const program = `import { readFileSync, watch } from 'node:fs';
import { onSave } from ${saves};
let events = 0;
watch('.', () => events++);
onSave(process.cwd() + '/first.ts', () => console.log(readFileSync('first.ts', 'utf8') + ', events: ' + events));
console.log('watching');`;

here(`a save of which no event tells is noticed${facts.overlay ? '' : ' (Skipped: no overlay here.)'}`, async t => {
  const place = mkdtempSync(`${tmpdir()}/boxwright-saves-`);
  for (const folder of ['lower', 'upper', 'work', 'shared']) mkdirSync(`${place}/${folder}`);
  writeFileSync(`${place}/lower/first.ts`, 'one');
  const mount = 'mount -t overlay -o userxattr,lowerdir=lower,upperdir=upper,workdir=work none shared && cd shared';
  const inside = ['sh', '-c', `${mount} && exec "$@"`, 'sh', process.execPath, '--input-type=module', '-e', program];
  const user = facts.root ? [] : ['--user', '--map-root-user'];
  const child = spawn('unshare', [...user, '--mount', ...inside], { cwd: place, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  try {
    t.is(await next(), 'watching');
    // In one write, of the same length: at no moment is there half of it.
    writeFileSync(`${place}/lower/first.ts`, 'two', { flag: 'r+' });
    t.is(await next(), 'two, events: 0');
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(place, { recursive: true, force: true });
  }
});
