// Run in a guest, as its root: part 1's container and crun's, from equivalent orders, and what the kernel says of each. Prints
// JSON for beside-crun.test.ts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { contain, type Spec } from '#14-privileges';
import { readArguments, readMountinfo, readNamespaces, readStatus } from '#linux';
import { copyRootfs, makeBundle } from './bundle.ts';

const folder = '/run/side-by-side';
const resources = { memory: { max: 1 << 26, high: 1 << 25, swap: 0 }, cpu: { quota: 50_000, weight: 200 }, pids: 30 };
const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }];
const command = ['/bin/sleep', '3600'];
const env = { PATH: '/bin', TERM: 'xterm' };

/** What the kernel says of a process, in a form that does not depend on which process it is. */
function facts(pid: number) {
  const read = (path: string) => readFileSync(path, 'utf8');
  const [own, host] = [readNamespaces(pid), readNamespaces('self')];
  const { fields } = readStatus(pid);
  const map = (kind: string) => read(`/proc/${pid}/${kind}_map`).trim().split(/\s+/).join(' ');
  // What is mounted last at a place is what is seen there.
  const mounts = new Map(readMountinfo(pid).map(mount => [mount.mountPoint, mount]));
  const cgroup = `/sys/fs/cgroup${/^0::(.*)$/m.exec(read(`/proc/${pid}/cgroup`))?.[1]}`;
  const limits = readdirSync(cgroup).filter(name => /^(memory|cpu|pids)\..*(max|high|low|weight)$/.test(name));
  return {
    namespaces: Object.entries(own)
      .filter(([kind, id]) => id !== host[kind as keyof typeof host])
      .map(([kind]) => kind)
      .sort(),
    mounts: Object.fromEntries(
      [...mounts]
        .sort()
        .map(([point, { type, options }]) => [point, `${point === '/' ? 'the root' : type} ${access(options)}`]),
    ),
    maps: { uid: map('uid'), gid: map('gid') },
    status: Object.fromEntries(
      ['Uid', 'Gid', 'Groups', 'CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'].map(name => [
        name,
        fields[name]?.trim(),
      ]),
    ),
    limits: read(`/proc/${pid}/limits`).split('\n').slice(1, -1),
    cgroup: Object.fromEntries(limits.sort().map(name => [name, read(`${cgroup}/${name}`).trim()])),
    root: readdirSync(`/proc/${pid}/root`).sort(),
    dev: readdirSync(`/proc/${pid}/root/dev`).sort(),
  };
}

const access = (options: string[]) => (options.includes('ro') ? 'read-only' : 'writable');

mkdirSync(`${folder}/containers`, { recursive: true });
copyRootfs(`${folder}/base`);
const spec: Spec = {
  ...{ command, env, hostname: 'box', layers: [`${folder}/base`], containers: `${folder}/containers`, rlimits },
  ...{ cgroup: '/side-by-side/ours', resources },
};
const ours = await contain(spec);
const order = { command, env, resources, rlimits, cgroup: '/side-by-side/crun' };
execFileSync('crun', ['run', '--detach', '--bundle', makeBundle(`${folder}/bundle`, order), 'crun'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const state = JSON.parse(execFileSync('crun', ['state', 'crun'], { encoding: 'utf8' }));
// Each may be told of a moment before its process is the command, arguments and all.
for (const pid of [ours.pid, state.pid])
  while (readArguments(pid)[0] !== command[0]) await new Promise(next => setTimeout(next, 10));
try {
  console.log(JSON.stringify({ ours: facts(ours.pid), crun: facts(state.pid) }));
} finally {
  await ours.end();
  execFileSync('crun', ['delete', '--force', 'crun']);
}
