// One real `vagrant up`, for the check before a release: the Vagrantfile as it is, with a box made on the spot under the
// published box's name, up to a lesson checked inside. Needs root, Debian's vagrant-libvirt, QEMU and mmdebstrap; no KVM.
//
//   sudo node vagrant/release/up.ts [--tree FOLDER]
//
// libvirtd runs in network, mount and process namespaces of its own: when the last one ends, so does everything that it
// started, and its networks, sockets and files are gone with the others. `--tree` keeps Debian's tree for the next time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ProcessOutput } from 'zx';
import { makeBox, makeTree } from './box.ts';
import { clone, home } from './clone.ts';
import { startLibvirt } from './libvirt.ts';
import { proofs, up } from './proofs.ts';

const { values: options } = parseArgs({
  options: { tree: { type: 'string' }, inside: { type: 'string' } },
});

// An exit, because libvirtd is a child that does not end by itself.
process.exit(options.inside ? await inside(options.inside) : await outside());

/** Makes the namespaces and this program again in them; removes the folder, whatever happened. */
async function outside(): Promise<number> {
  if (process.geteuid?.() !== 0) {
    console.error('boxwright: namespaces for libvirtd are root’s to make\nnext: the same with sudo');
    return 1;
  }
  const work = mkdtempSync(`${tmpdir()}/boxwright-up-`);
  // Out here, since it comes from the network, and in there is none.
  const tree = resolve(options.tree ?? `${work}/tree`);
  try {
    if (!existsSync(tree)) await step('Debian 13, by mmdebstrap', () => makeTree(tree, `${home}/node_modules`));
  } catch (error) {
    tell('a tree of Debian', error);
    rmSync(work, { recursive: true, force: true });
    return 1;
  }
  const namespaces = ['--mount', '--net', '--pid', '--mount-proc', '--fork', '--kill-child=KILL'];
  const again = [process.execPath, fileURLToPath(import.meta.url), '--tree', tree, '--inside', work];
  // Process 1 is a shell, because it has to reap: libvirt waits until the processes that it ended are gone.
  const child = spawn('unshare', [...namespaces, 'sh', '-c', '"$@"; exit $?', 'sh', ...again], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGKILL'));
  const [status] = await once(child, 'exit');
  rmSync(work, { recursive: true, force: true });
  return status ?? 1;
}

async function inside(work: string): Promise<number> {
  const began = performance.now();
  try {
    const { tree = '' } = options;
    const [, name = '', version = ''] = /^DEBIAN = \['(.*)', '(.*)'\]/m.exec(read('Vagrantfile')) ?? [];
    const box = `${work}/vagrant/boxes/${name.replace('/', '-VAGRANTSLASH-')}/${version}/libvirt`;
    await step(`a box of it, as ${name} ${version}`, () => makeBox(tree, box));
    await step('libvirtd, in namespaces of its own', () => startLibvirt(work));

    await clone(`${work}/clone`);

    // With two, QEMU without KVM runs them in two threads of its own, and Node's compiler crashes now and then.
    const environment = { VAGRANT_HOME: `${work}/vagrant`, BOXWRIGHT_CPUS: '1', VAGRANT_CHECKPOINT_DISABLE: '1' };
    const machine = { folder: `${work}/clone/vagrant`, env: { ...process.env, ...environment } };
    await step('vagrant up', () => up(machine));
    let failed = 0;
    for (const [what, prove] of Object.entries(proofs)) {
      await step(what, () => prove(machine)).catch(error => {
        failed++;
        tell(what, error);
      });
    }
    console.log(`all of it: ${((performance.now() - began) / 1000).toFixed(0)} s; ${failed || 'nothing'} failed`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    tell('the release check', error);
    return 1;
  }
}

function tell(what: string, error: unknown): void {
  console.error(`FAILED: ${what}`);
  if (error instanceof ProcessOutput) console.error(said(error.stdall));
  else console.error(error);
}

/** Without the hundreds of lines in which Vagrant counts to a hundred. */
function said(output: string): string {
  const lines = output.split(/[\r\n]+/).filter(line => !line.includes('Progress: '));
  return lines.join('\n');
}

async function step(what: string, work: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  const said = await work();
  console.log(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${what}${said ? `: ${said}` : ''}`);
}

function read(file: string): string {
  return readFileSync(`${home}/vagrant/${file}`, 'utf8');
}
