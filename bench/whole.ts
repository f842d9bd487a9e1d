// The container at the end of part 1, from a running Node, beside `crun run` with an equivalent bundle: users, layers, network,
// filter and all. Here without cgroups where the machine has none of version 2; then in a guest, with them.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Process } from '#linux';
import { runInGuest } from '../workshop/guest/index.ts';
import { copyRootfs, makeBundle } from '../workshop/peers/bundle.ts';
import { inTurn, median, table } from './measure.ts';

const rounds = Number(process.env.ROUNDS ?? 40);
const command = [process.execPath, '--conditions=solution', '--no-warnings', fileURLToPath(import.meta.url)];

export async function benchWhole(): Promise<void> {
  // See container.ts: crun takes no hybrid.
  const hybrid = '/sys/fs/cgroup/unified';
  const away = existsSync(hybrid) ? `umount -l ${hybrid}; ` : '';
  const shell = ['--mount', '--propagation=private', 'sh', '-c', `${away}exec "$@"`, 'sh', ...command];
  execFileSync('unshare', shell, { stdio: 'inherit' });
  const { stdout, stderr, status } = await runInGuest(command, { needs: ['cgroup2'], env: { ROUNDS: '15' } });
  console.log(status === 0 ? stdout : stderr);
}

async function measure(): Promise<void> {
  const { contain } = await import('#14-privileges');
  const cgroups = existsSync('/sys/fs/cgroup/cgroup.subtree_control');
  const folder = mkdtempSync('/dev/shm/boxwright-bench-');
  // The container's root is nobody outside, and must reach what is in it.
  chmodSync(folder, 0o755);
  mkdirSync(`${folder}/containers`);
  copyRootfs(`${folder}/base`);
  execFileSync('chown', ['-hR', cgroups ? '100000:100000' : '0:0', `${folder}/base`]);

  let serial = 0;
  const id = () => `boxwright-bench-${process.pid}-${serial++}`;
  const order = { command: ['/bin/true'], env: { PATH: '/bin' }, rlimits: [], resources: { pids: 30 } };
  const bundle = makeBundle(`${folder}/bundle`, { ...order, cgroup: `/${id()}` });
  const spec = { ...order, hostname: 'box', layers: [`${folder}/base`], containers: `${folder}/containers` };
  const whole = () => contain({ ...spec, ...(cgroups && { cgroup: `/${id()}` }) });
  try {
    // Each starts from rest: what the last round left to be cleaned up has been, and two processes stand ready.
    const rest = async () => {
      await sleep(20);
      await Process.keepReady(2);
    };
    const times = await inTurn(
      rounds,
      {
        'Boxwright, lesson 14': async () => (await whole()).exited,
        'crun run': () => run('crun', ['run', '--bundle', bundle, id()]),
        'runc run': () => run('runc', ['run', '--bundle', bundle, id()]),
      },
      rest,
    );
    const crun = median(times['crun run'] ?? []);
    const where = cgroups ? 'with a cgroup each' : 'without a cgroup for ours';
    console.log(`\nPart 1's whole container around /bin/true, ${where}: milliseconds, ${rounds} rounds in turn\n`);
    const rows = Object.entries(times).map(([name, all]) => [name, Math.min(...all), median(all), median(all) / crun]);
    console.log(table(['', 'least', 'median', "of crun's"], rows));
  } finally {
    await sleep(200);
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

if (import.meta.main) {
  await measure();
  // The processes that stand ready end with us.
  process.exit(0);
}
