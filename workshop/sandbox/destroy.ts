// Lets destructive programs loose in the sandbox, as root, and says after each whether the machine is as it was.
// Only for a machine that nobody misses: `boxwright guest -- node workshop/sandbox/destroy.ts`. On any other it refuses,
// except with --harmless, which leaves out what would be a catastrophe if the sandbox had a hole. --part 1/2 runs every second
// one, the first half.
//
// Prints a line of JSON for each program; ends with 1 when one of them did harm.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { readMountinfo } from '#linux';
import { checkLesson } from '../check/engine.ts';
import { findLesson } from '../lessons.ts';
import { home } from '../paths.ts';
import { hostEnv, openHost } from './shell.ts';

const { values: options } = parseArgs({ options: { harmless: { type: 'boolean' }, part: { type: 'string' } } });
const { harmless, part } = options;

interface Program {
  name: string;
  /** For a shell on the sandbox's host, as `boxwright run` and `shell` give one. */
  shell?: string;
  /** The body of the learner's contain(), as `boxwright check` runs it. */
  body?: string;
  /** A catastrophe if there were a hole. */
  lethal?: boolean;
}

const everywhere = (name: string, shell: string, lethal = false): Program[] => [
  { name, shell, lethal },
  { name: `${name}, in a check`, body: `execFileSync('/bin/bash', ['-c', ${JSON.stringify(shell)}]);`, lethal },
];

const programs: Program[] = [
  ...everywhere('remove everything', 'rm -rf --no-preserve-root / 2>/dev/null'),
  ...everywhere('mount over /etc', 'mount --bind /tmp /etc'),
  ...everywhere('unmount everything', 'umount -l /; umount -a -l'),
  ...everywhere('fork bomb', 'f() { f | f & }; f; sleep 2'),
  ...everywhere('fill the disk', 'for d in / /run /tmp /dev/shm; do head -c 3G /dev/zero >$d/fill; done'),
  ...everywhere('fill the memory', 'tail -c 8G /dev/zero'),
  ...everywhere('rename the host', 'hostname hacked; echo hacked >/proc/sys/kernel/hostname'),
  ...everywhere('stop the network', 'ip link set lo down; ip link delete lo'),
  ...everywhere('leave daemons', 'for i in 1 2 3; do setsid sleep 1000 </dev/null >/dev/null 2>&1 & done; sleep 0.2'),
  ...everywhere('flood the output', 'timeout 2 cat /dev/zero'),
  ...everywhere('close the output', 'exec >&- 2>&- <&-; echo x; sleep 0.1'),
  ...everywhere(
    'change the kernel',
    'echo hacked >/proc/sys/kernel/core_pattern; sysctl -w kernel.panic=1; swapoff -a; rmmod overlay',
  ),
  ...everywhere('kill everything', 'kill -9 -1', true),
  ...everywhere('sysrq', 'for k in u s c o b; do echo $k >/proc/sysrq-trigger; done', true),
  ...everywhere('sysrq in a new /proc', 'mount -t proc proc /mnt; echo c >/mnt/sysrq-trigger', true),
  ...everywhere(
    'raw disks',
    'for d in 98 254 8 259 253; do mknod /tmp/disk b $d 0; head -c 1M /dev/zero >/tmp/disk; rm -f /tmp/disk; done; head -c 1M /dev/zero >/dev/vda',
    true,
  ),
  ...everywhere('change the clock', 'date -s "1999-01-01 00:00:00"; hwclock --systohc', true),
  ...everywhere('switch it off', 'reboot -f; poweroff -f; halt -f', true),
  { name: 'never returns', body: 'for (;;);' },
  { name: 'waits for ever', body: 'await new Promise(() => {});' },
  { name: 'leaves before it answers', body: 'process.exit(0);' },
  {
    name: 'floods standard output',
    body: "for (let i = 0; i < 200_000; i++) process.stdout.write('x'.repeat(100)); process.exit(1);",
  },
  {
    name: 'answers in the checker’s place',
    body: "for (let i = 0; i < 99; i++) writeSync(4, JSON.stringify({ id: i, value: { $box: 0, pid: 1 } }) + '\\n'); writeSync(4, '{]\\nnull\\n7\\n');",
  },
  { name: 'closes the checker’s wire', body: 'closeSync(4);' },
  { name: 'eats the memory', body: 'const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1));' },
];

/** What must not change, as text to compare. */
function state(): Record<string, string> {
  return {
    mounts: readMountinfo('self')
      .map(mount => `${mount.type} on ${mount.mountPoint} ${mount.options}`)
      .join('\n'),
    processes: processes().join('\n'),
    interfaces: (readFileSync('/proc/net/dev', 'utf8').match(/\S+(?=:)/g) ?? []).join(' '),
    cgroups: cgroups('/sys/fs/cgroup').join(' '),
    hostname: hostname(),
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'),
    kernel: ['core_pattern', 'panic'].map(name => readFileSync(`/proc/sys/kernel/${name}`, 'utf8')).join(''),
    files: ['/etc', `${home}/lessons`, `${home}/solutions`, `${home}/workshop`].map(hashOf).join(' '),
    root: readdirSync('/').sort().join(' '),
  };
}

/**
 * All but kernel threads. On a machine with other things to do (--harmless) only those in cgroups of ours, which every
 * sandbox's processes are in.
 */
function processes(): string[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(pid => {
      try {
        if (harmless && !readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(ours)) return [];
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command ? [`${pid} ${command}`] : [];
      } catch {
        return [];
      }
    });
}

const ours = `boxwright-${process.pid}-`;

function cgroups(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name.startsWith(ours))
    .map(entry => entry.name);
}

function hashOf(folder: string): string {
  const hash = createHash('sha256');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = `${entry.parentPath}/${entry.name}`;
    hash.update(`${path}\0`);
    if (entry.isSymbolicLink()) hash.update(readlinkSync(path));
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

const lesson = findLesson('02');
const solution = readFileSync(lesson.files.solution, 'utf8');

/** The reference with another contain(). */
function evil(body: string): string {
  const imports =
    "import { execFileSync } from 'node:child_process';\nimport { closeSync, writeSync } from 'node:fs';\n";
  return `${imports}${solution.replace('export async function contain', 'async function unused')}
export async function contain(spec: Spec): Promise<Process> {
  ${body}
  return unused(spec);
}
void [execFileSync, closeSync, writeSync];
`;
}

/** Runs a program; says what became of it. */
async function run({ shell, body }: Program): Promise<string> {
  if (body !== undefined) {
    const report = await checkLesson(lesson, {
      source: evil(body),
      earlier: 'reference',
      only: [lesson.tasks[0]?.id ?? ''],
    });
    const task = report.tasks[0];
    return `${report.status}: ${task?.feedback?.means ?? report.leaks.map(leak => `left behind: ${leak}`).join(', ')}`;
  }
  const host = await openHost(null, { stdio: ['ignore', 'ignore', 'ignore'] });
  const timer = setTimeout(() => host.end(), 8000);
  await host.box.execve('/bin/bash', ['bash', '-c', shell ?? ''], hostEnv());
  const { code, signal } = await host.box.exited;
  clearTimeout(timer);
  await host.end();
  return `ended with ${code ?? signal}`;
}

/** The next check after the catastrophe. */
async function stillWorks(): Promise<boolean> {
  const report = await checkLesson(lesson, {
    source: solution,
    earlier: 'reference',
    slowness: 12,
    only: [lesson.tasks[0]?.id ?? ''],
  });
  return report.status === 'pass';
}

async function settled(before: Record<string, string>): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const after = state();
    const changed = Object.keys(before).filter(key => before[key] !== after[key]);
    // What was killed a moment ago is on its way out, which may take a busy machine long.
    if (changed.length === 0 || tries === 1200) return changed.map(key => `${key}: ${before[key]} -> ${after[key]}`);
    await new Promise(next => setTimeout(next, 50));
  }
}

if (!harmless && !process.env.BOXWRIGHT_GUEST) {
  console.error('destroy: this machine may be dear to somebody; run it in the guest, or with --harmless');
  process.exit(2);
}
const [which = 1, parts = 1] = (part ?? '').split('/').map(Number);
for (const [i, program] of programs.entries()) {
  if ((harmless && program.lethal) || (part && i % parts !== which - 1)) continue;
  const before = state();
  const [clock, ticks] = [Date.now(), performance.now()];
  const outcome = await run(program);
  const drift = Math.abs(Date.now() - clock - (performance.now() - ticks));
  const changed = [...(await settled(before)), ...(drift > 5000 ? [`clock: ${drift} ms off`] : [])];
  const works = await stillWorks();
  console.log(
    JSON.stringify({ name: program.name, outcome, changed, works, ms: Math.round(performance.now() - ticks) }),
  );
  if (changed.length > 0 || !works) process.exitCode = 1;
}
