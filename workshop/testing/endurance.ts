// All lessons' checks on their solutions, many times in a row, then as often two at once: every run says the same, and the
// machine is afterwards what it was before.
//
//   node workshop/testing/endurance.ts [ROUNDS]        20 when absent
import { execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { readMountinfo } from '#linux';
import type { LessonReport } from '../check/report.ts';
import { findProgram } from '../doctor/facts.ts';
import { home } from '../paths.ts';

const rounds = Number(process.argv[2] ?? 20);

/** What a run could leave on this machine. */
function machineState(): Record<string, string[]> {
  const list = (folder: string) => readdirSync(folder).map(name => `${folder}/${name}`);
  const nft = findProgram('nft');
  const cgroups = readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(entry => [`/sys/fs/cgroup/${entry.name}`, ...list(`/sys/fs/cgroup/${entry.name}`)]);
  return {
    mounts: readMountinfo('self').map(mount => `${mount.type} on ${mount.mountPoint}`),
    interfaces: readFileSync('/proc/net/dev', 'utf8').match(/\S+(?=:)/g) ?? [],
    rules: nft && process.getuid?.() === 0 ? [execFileSync(nft, ['list', 'ruleset'], { encoding: 'utf8' })] : [],
    cgroups: cgroups.filter(path => path.includes('boxwright')),
    processes: readdirSync('/proc').flatMap(ourProcess),
    files: ['/', '/tmp', '/run', '/dev/shm', '/dev/mqueue', '/etc', '/root', home].flatMap(folder => {
      try {
        return list(folder);
      } catch {
        return [];
      }
    }),
    ipc: ['shm', 'sem', 'msg'].map(kind => readFileSync(`/proc/sysvipc/${kind}`, 'utf8')),
  };
}

/** One of the workshop's processes, or of a sandbox: their users have ids that nobody else has. */
function ourProcess(pid: string): string[] {
  if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return args.includes(home) || uid >= 0x7000_0000 ? [`${uid}: ${args}`] : [];
  } catch {
    return [];
  }
}

/** One suite: every lesson and task with its verdict and reason, and what was left in the sandbox. */
async function suite(): Promise<unknown> {
  const args = [`${home}/workshop/boxwright.mjs`, 'check', '--all', '--solution', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { lessons } = JSON.parse(await text(child.stdout)) as { lessons: LessonReport[] };
  return lessons.map(({ lesson, tasks, leaks, error }) => ({
    ...{ lesson, leaks, error },
    tasks: tasks.map(({ id, status, reason, feedback }) => ({ id, status, reason, feedback })),
  }));
}

/** What is in the one and not in the other, a line each. */
function differences(before: Record<string, string[]>, after: Record<string, string[]>): string[] {
  return Object.keys(before).flatMap(kind => {
    const [old, now] = [before[kind] ?? [], after[kind] ?? []];
    return [
      ...now.filter(each => !old.includes(each)).map(each => `${kind}: new: ${each}`),
      ...old.filter(each => !now.includes(each)).map(each => `${kind}: gone: ${each}`),
    ];
  });
}

const first = await suite();
const failed = (first as { tasks: { status: string }[] }[]).flatMap(({ tasks }) =>
  tasks.filter(task => !['pass', 'skip'].includes(task.status)),
);
for (const task of failed) console.log(JSON.stringify(task, null, 1));
let different = 0;
// The guest of the first suite may be on its way out still.
await new Promise(next => setTimeout(next, 3000));
const before = machineState();
for (const atOnce of [1, 2]) {
  for (let round = 1; round <= rounds; round++) {
    const begun = performance.now();
    for (const report of await Promise.all(Array.from({ length: atOnce }, suite))) {
      if (isDeepStrictEqual(report, first)) continue;
      different++;
      console.log(`round ${round}, ${atOnce} at once, differs: ${JSON.stringify(report)}`);
    }
    console.log(`${atOnce} at once, round ${round}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  }
}
// What is on its way out may take a moment.
let left: string[] = [];
for (let tries = 0; tries < 20; tries++) {
  left = differences(before, machineState());
  if (left.length === 0) break;
  await new Promise(next => setTimeout(next, 500));
}
console.log(left.length === 0 ? 'the machine is as it was' : left.join('\n'));
console.log(`${rounds * 3} suites, ${different} of them differed, ${failed.length} tasks failed`);
process.exitCode = left.length + different + failed.length === 0 ? 0 : 1;
