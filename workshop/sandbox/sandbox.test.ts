// The sandbox as a thing of its own: what it is to those inside, what it leaves outside, and what becomes of it in a crash.
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { promisify } from 'node:util';
import test from 'ava';
import { readMountinfo, readNamespaces, readStatus } from '#linux';
import { eventually } from '../../linux/kit.ts';
import { home } from '../paths.ts';
import { limits } from './limits.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';
import { hostEnv, openHost } from './shell.ts';

const isRoot = process.getuid?.() === 0;

/** What a shell on the sandbox's host prints. */
async function output(script: string): Promise<string> {
  const host = await openHost(null, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  host.box.stdout?.setEncoding('utf8').on('data', data => {
    text += data;
  });
  const closed = new Promise(told => host.box.stdout?.on('close', told));
  await host.box.execve('/bin/sh', ['sh', '-c', `${script}\n`], hostEnv());
  await closed;
  await host.end();
  return text.trim();
}

async function inSandbox(look: (sandbox: Sandbox) => unknown): Promise<void> {
  const sandbox = await openSandbox({ stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await look(sandbox);
  } finally {
    await sandbox.end();
  }
}

test.serial('every namespace but time is its own', t =>
  inSandbox(({ init }) => {
    const [mine, its] = [readNamespaces('self'), readNamespaces(init)];
    for (const kind of ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup'] as const)
      t.not(its[kind], mine[kind], kind);
  }),
);

test.serial('its root is nobody on the machine', t =>
  inSandbox(({ init, base }) => {
    t.deepEqual(readStatus(init).uids, [base, base, base, base]);
    t.true(isRoot ? base > 0x7000_0000 - 1 : base === process.getuid?.());
  }),
);

test.serial('its mounts are shared among themselves, as systemd leaves them, and with nobody outside', t =>
  inSandbox(({ init }) => {
    const outside = readMountinfo('self').map(mount => mount.shared);
    for (const mount of readMountinfo(init)) {
      t.not(mount.shared, null, mount.mountPoint);
      t.false(outside.includes(mount.shared), mount.mountPoint);
    }
  }),
);

test.serial('what is written inside is seen inside, and is not written', async t => {
  const name = `boxwright-test-${process.pid}`;
  t.is(await output(`echo x >/tmp/${name} && cat /tmp/${name}; hostname`), 'x\nhost');
  t.false(existsSync(`/tmp/${name}`));
  t.not(hostname(), 'host');
});

test.serial('processes are limited, and the limit cannot be raised', async t => {
  t.is(await output('exec bash -c "ulimit -u; ulimit -Hu 100000 2>/dev/null || echo no"'), `${limits.processes}\nno`);
});

test.serial('nothing is left when it has ended', async t => {
  let init = 0;
  await inSandbox(sandbox => {
    init = sandbox.init;
  });
  t.false(existsSync(`/proc/${init}`));
  t.deepEqual(ownCgroups(process.pid), []);
  // In a mount namespace of one program's own, for others mount and unmount on the machine meanwhile.
  const script = `import { openSandbox } from '${home}/workshop/sandbox/sandbox.ts';
    import { readMountinfo } from '${home}/linux/index.ts';
    const before = readMountinfo('self');
    await (await openSandbox({ stdio: ['ignore', 'ignore', 'inherit'] })).end();
    const were = before.map(({ id }) => id);
    console.log(before.length > 0, readMountinfo('self').filter(({ id }) => !were.includes(id)).length);`;
  const user = isRoot ? [] : ['--user', '--map-root-user'];
  const node = [process.execPath, '--no-warnings', '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)('unshare', [...user, '--mount', '--propagation', 'private', ...node]);
  t.is(stdout, 'true 0\n');
});

test.serial('it ends when the process that opened it is killed', async t => {
  const script = `import { openSandbox } from '${home}/workshop/sandbox/sandbox.ts';
    const sandbox = await openSandbox({ stdio: ['ignore', 'ignore', 'inherit'] });
    await sandbox.box.execve('/bin/sleep', ['sleep', '600'], {});
    console.log(sandbox.init);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const init = await new Promise<number>(told => owner.stdout.once('data', data => told(Number(data))));
  t.true(existsSync(`/proc/${init}`));
  owner.kill('SIGKILL');
  t.true(await eventually(() => !existsSync(`/proc/${init}`)));
  // Its cgroup had nobody left to remove it: the next sandbox does, once its last process has gone.
  for (let tries = 0; tries < 100 && (tries === 0 || ownCgroups(owner.pid ?? 0).length > 0); tries++)
    await inSandbox(() => {});
  t.deepEqual(ownCgroups(owner.pid ?? 0), []);
});

test.serial('forty of them, four at once, leave nothing', async t => {
  t.timeout(15 * 60_000);
  for (let round = 0; round < 10; round++) await Promise.all([1, 2, 3, 4].map(() => inSandbox(() => {})));
  t.deepEqual(ownCgroups(process.pid), []);
});

// The workshop as an ordinary user: only where this test is root and may become one, and the repository can be read by others.
const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];
const asNobody = isRoot && canRead() ? test.serial : test.serial.skip;
asNobody(
  `an ordinary user has it too, in a user namespace${canRead() ? '' : ' (others cannot read this folder)'}`,
  async t => {
    const script = `import { openHost, hostEnv } from '${home}/workshop/sandbox/shell.ts';
    const host = await openHost(null);
    await host.box.execve('/bin/sh', ['sh', '-c', 'id -u; mkdir /tmp/boxwright-test-$$ && hostname y && hostname; ls /run/boxwright/images/base/bin/sh'], hostEnv());
    await host.box.exited;
    await host.end();`;
    const args = [...nobody, process.execPath, '--no-warnings', '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)('setpriv', args);
    t.is(stdout.trim(), '0\ny\n/run/boxwright/images/base/bin/sh');
  },
);

// As in a machine that shares the folder, and has node_modules on its own disk.
test.serial('what is mounted inside the workshop’s own folder is there too', async t => {
  const script = `import { openHost, hostEnv } from '${home}/workshop/sandbox/shell.ts';
  const host = await openHost(null);
  await host.box.execve('/bin/sh', ['sh', '-c', 'cat ${home}/helper-c/build/mounted; echo x >${home}/helper-c/build/y && echo written'], hostEnv());
  await host.box.exited;
  await host.end();`;
  // Of a kind of its own, since a folder of the same file system is no other mount to an overlay.
  const mine = mkdtempSync(`${tmpdir()}/boxwright-mounted-`);
  t.teardown(() => rmSync(mine, { recursive: true, force: true }));
  const mount = `mount -t tmpfs none ${mine}; cp ${home}/helper-c/build/* ${mine}; echo here >${mine}/mounted
mount --bind ${mine} ${home}/helper-c/build; "$@"; ls ${home}/helper-c/build/y`;
  const user = isRoot ? [] : ['--user', '--map-root-user'];
  const node = [process.execPath, '--no-warnings', '--input-type=module', '-e', script];
  const shell = ['--mount', 'sh', '-c', mount, 'sh', ...node];
  const ended = spawnSync('unshare', [...user, ...shell], { encoding: 'utf8' });
  t.is(ended.stdout, 'here\nwritten\n');
  t.regex(ended.stderr, /y': No such file/, 'what was written in it vanished with the sandbox');
});

function canRead(): boolean {
  if (!isRoot) return false;
  try {
    execFileSync('setpriv', [...nobody, 'cat', `${home}/workshop/sandbox/shell.ts`], { stdio: 'ignore' });
    execFileSync('setpriv', [...nobody, process.execPath, '-e', ''], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function ownCgroups(pid: number): string[] {
  return ['/sys/fs/cgroup', '/sys/fs/cgroup/memory']
    .filter(folder => existsSync(folder))
    .flatMap(folder => readdirSync(folder).filter(name => name.startsWith(`boxwright-${pid}-`)));
}
