// What must be true of the machine that `vagrant up` makes. Each proof throws, or returns a line to show beside its time.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { zx } from './zx.ts';

interface Machine {
  /** The clone's vagrant/. */
  folder: string;
  env: NodeJS.ProcessEnv;
}
type Proof = (machine: Machine) => Promise<unknown>;

export async function up({ folder, env }: Machine): Promise<void> {
  await zx({ cwd: folder, env })`vagrant up --provider libvirt`;
}

export const proofs: Record<string, Proof> = {
  'npm start -- list': async machine => {
    const said = await run(machine, 'cd /boxwright && sudo npm start -- list');
    assert.match(said, /01 .*A container is a process/);
  },
  'npx boxwright check 01 --solution': async machine => {
    // A check waits five seconds for an answer, which a processor emulated on a busy one may miss: so up to three times.
    const check = 'npx boxwright check 01 --solution';
    const said = await run(machine, `cd /boxwright && for n in 1 2 3; do sudo ${check} && exit; done; exit 1`);
    const [points] = said.match(/(\d+) of \1 points/) ?? assert.fail(said);
    return points;
  },
  'the doctor': async machine => {
    const { lessons } = JSON.parse(await run(machine, 'cd /boxwright && sudo npx boxwright doctor --json; true'));
    const cannot = lessons.filter((lesson: { whyNot: string | null }) => lesson.whyNot !== null);
    assert.deepEqual(cannot, []);
    return `${lessons.length} lessons, all can run`;
  },
  'a login is root’s, in the folder': async machine => {
    const options = { cwd: machine.folder, env: machine.env, stdio: 'pipe', input: 'id -un; pwd; exit\n' } as const;
    const said = await zx(options)`vagrant ssh -- -tt`;
    assert.match(said.stdout, /\rroot\r\n\/boxwright\r\n/);
  },
  'what is made is not on the shared folder': async machine => {
    const said = await run(
      machine,
      'cd /boxwright && for each in . node_modules .cache; do findmnt -n -o FSTYPE -T $each; done',
    );
    assert.deepEqual(said.trim().split(/\s+/), ['virtiofs', 'ext4', 'ext4']);
  },
  'a file saved here is noticed there': async machine => {
    const file = `${machine.folder}/pages-port`;
    const [before, saves] = [readFileSync(file, 'utf8'), '/boxwright/workshop/watch/saves.ts'];
    const script = `import { onSave } from "${saves}"; onSave("/boxwright/vagrant/pages-port", () => process.exit(0));`;
    const node = 'timeout 120 /boxwright/node_modules/.bin/node --input-type=module';
    const noticed = run(machine, `cd /boxwright && sudo ${node} -e '${script} console.log("watching")'`);
    try {
      // Saved again and again, because nobody outside knows when it began to watch.
      for (let ended = false, n = 1; !ended; n++) {
        writeFileSync(file, before + '\n'.repeat(n % 2));
        ended = await Promise.race([noticed.then(() => true), sleep(3_000, false)]);
      }
    } finally {
      writeFileSync(file, before);
    }
  },
  'a page on the guest’s loopback is seen here': async machine => {
    const port = readFileSync(`${machine.folder}/pages-port`, 'utf8').trim();
    const open = '/boxwright/node_modules/.bin/node /boxwright/workshop/boxwright.mjs open 01 --json';
    await run(machine, `sudo systemd-run --quiet --unit pages sh -c '${open} >/tmp/opened'`);
    const opened = await run(machine, 'for n in $(seq 60); do grep . /tmp/opened && break; sleep 2; done');
    const { page } = JSON.parse(opened);
    assert.equal(new URL(page).host, `127.0.0.1:${port}`);
    // The link leads to a page that keeps its token as a cookie, and only then to the lesson.
    const jar = `${machine.folder}/cookies`;
    await zx`curl -sSL --cookie-jar ${jar} --cookie ${jar} ${page}`;
    const { stdout } = await zx`curl -sSL --cookie-jar ${jar} --cookie ${jar} http://127.0.0.1:${port}/01`;
    assert.match(stdout, /A container is a process/);
  },
  'the provision script again': async ({ folder, env }) => {
    await zx({ cwd: folder, env })`vagrant provision`;
  },
  'vagrant destroy': async ({ folder, env }) => {
    await zx({ cwd: folder, env })`vagrant destroy --force`;
  },
};

async function run({ folder, env }: Machine, command: string): Promise<string> {
  return (await zx({ cwd: folder, env })`vagrant ssh --no-tty -c ${command}`).stdout;
}
