// Starting and finishing lesson 05's container, from a running Node, beside the whole commands of other people's tools on
// the same root file system.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Process } from '#linux';
import { baseRootfs } from '../workshop/paths.ts';
import { inTurn, median, table } from './measure.ts';

const rounds = 40;

/**
 * crun refuses cgroup version 1 and 2 side by side. In a mount namespace of our own version 2's tree can be taken away, and
 * then everything is measured there.
 */
export async function benchContainer(): Promise<void> {
  const hybrid = '/sys/fs/cgroup/unified';
  const away = existsSync(hybrid) ? `umount -l ${hybrid}; ` : '';
  const node = [process.execPath, '--conditions=solution', '--no-warnings', fileURLToPath(import.meta.url)];
  execFileSync('unshare', ['--mount', '--propagation=private', 'sh', '-c', `${away}exec "$@"`, 'sh', ...node], {
    stdio: 'inherit',
  });
}

async function measure(): Promise<void> {
  const { contain } = await import('#05-pivot-root');
  const folder = mkdtempSync(`${existsSync('/dev/shm') ? '/dev/shm' : tmpdir()}/boxwright-bench-`);
  try {
    const spec = { command: ['/bin/true'], layers: [baseRootfs], containers: folder };
    const plain = { ...spec, root: baseRootfs, maskedPaths: [], readonlyPaths: [] };
    const bundle = makeBundle(folder);
    let serial = 0;
    const id = () => `boxwright-bench-${process.pid}-${serial++}`;
    const times = await inTurn(rounds, {
      'a child process: true': () => command('/bin/true', []),
      'Boxwright, lesson 05': async () => (await contain(spec)).exited,
      // As much as bubblewrap is asked for here: a root, /proc, /dev, no layers and nothing masked.
      'Boxwright, a plain root': async () => (await contain(plain)).exited,
      unshare: () => command('unshare', ['--mount', '--pid', '--fork', `--root=${baseRootfs}`, '/bin/true']),
      bubblewrap: () =>
        command('bwrap', [
          '--unshare-all',
          '--ro-bind',
          baseRootfs,
          '/',
          '--proc',
          '/proc',
          '--dev',
          '/dev',
          '/bin/true',
        ]),
      'crun run': () => command('crun', ['run', '--bundle', bundle, id()]),
      'runc run': () => command('runc', ['run', '--bundle', bundle, id()]),
    });
    const ours = median(times['Boxwright, lesson 05'] ?? []);
    console.log(`\nA container around /bin/true, from start to end: milliseconds, ${rounds} rounds in turn\n`);
    const rows = Object.entries(times).map(([name, all]) => [name, Math.min(...all), median(all), median(all) / ours]);
    console.log(table(['', 'least', 'median', 'times ours'], rows));
    await breakDown(spec, contain);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where our time goes: the process, the wire, the kernel, the end. */
async function breakDown(spec: object, contain: (spec: never) => Promise<Process>): Promise<void> {
  const shares = { spawn: [] as number[], calls: [] as number[], wire: [] as number[], exit: [] as number[] };
  let number = 0;
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now();
    const probe = await Process.start({ trace: false });
    await probe.syscall('getpid');
    shares.spawn.push(performance.now() - begun);
    const before = performance.now();
    for (let i = 0; i < 50; i++) await probe.syscall('getpid');
    const roundTrip = (performance.now() - before) / 50;
    await probe.end();

    const start = performance.now();
    const box = await contain(spec as never);
    const running = performance.now();
    await box.exited;
    shares.exit.push(performance.now() - running);
    shares.calls.push(running - start);
    number = box.trace.length;
    shares.wire.push(roundTrip * number);
  }
  const spawned = median(shares.spawn);
  const wire = median(shares.wire);
  console.log(`\nOurs, by where the time goes (${number} system calls):\n`);
  console.log(
    table(
      ['', 'ms'],
      [
        ['the helper: spawned, first answer', spawned],
        ['the wire: as many calls of getpid', wire],
        ['the kernel: what the calls themselves take', Math.max(0, median(shares.calls) - spawned - wire)],
        ['the end: execve, the command, wait', median(shares.exit)],
      ],
    ),
  );
}

function command(program: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

/** An OCI bundle around the same root file system, as `runc spec` writes it. */
function makeBundle(folder: string): string {
  execFileSync('runc', ['spec', '--bundle', folder]);
  symlinkSync(baseRootfs, `${folder}/rootfs`);
  const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'));
  Object.assign(config.process, { terminal: false, args: ['/bin/true'], rlimits: [] });
  config.linux.cgroupsPath = `/boxwright-bench-${process.pid}`;
  config.root.path = baseRootfs;
  writeFileSync(`${folder}/config.json`, JSON.stringify(config));
  return folder;
}

if (import.meta.main) await measure();
