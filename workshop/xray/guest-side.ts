// Run in a guest, as its root, where control groups are version 2: crun's container and lesson 14's, x-rayed; and what the kernel's
// own files say of each. Prints JSON for groups.test.ts.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { contain, type Spec } from '#14-privileges';
import { copyRootfs, makeBundle } from '../peers/bundle.ts';
import { readLive, readXray } from './index.ts';

const asked = JSON.parse(process.argv[2] ?? '{}') as { resources: NonNullable<Spec['resources']>; busy: string[] };
const folder = '/run/xray';
const env = { PATH: '/bin' };

async function look(pid: number, group: string, more: object = {}) {
  const path = `/sys/fs/cgroup${group}`;
  const files = () =>
    Object.fromEntries(
      readdirSync(path)
        .filter(name => /^(memory|cpu|pids|cgroup)\.(current|max|high|peak|stat|events|weight|freeze)$/.test(name))
        .map(name => [name, readFileSync(`${path}/${name}`, 'utf8').trim()]),
    );
  const before = files();
  const xray = await readXray(pid);
  const after = files();
  const live = await readLive(pid, xray);
  return { before, xray, after, live, ...more };
}

mkdirSync(`${folder}/containers`, { recursive: true });
copyRootfs(`${folder}/base`);
const { resources, busy } = asked;
const common = { command: busy, env, resources, rlimits: [] };
const ours = await contain({
  ...{
    ...common,
    hostname: 'box',
    layers: [`${folder}/base`],
    containers: `${folder}/containers`,
    cgroup: '/xray/ours',
  },
});
execFileSync(
  'crun',
  ['run', '--detach', '--bundle', makeBundle(`${folder}/bundle`, { ...common, cgroup: '/xray/crun' }), 'crun'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);
const { pid } = JSON.parse(execFileSync('crun', ['state', 'crun'], { encoding: 'utf8' }));
try {
  // Until each has been held back.
  for (const name of ['ours', 'crun'])
    while (!/^throttled_usec [1-9]/m.test(readFileSync(`/sys/fs/cgroup/xray/${name}/cpu.stat`, 'utf8')))
      await new Promise(next => setTimeout(next, 100));
  const both = { ours: await look(ours.pid, '/xray/ours'), crun: await look(pid, '/xray/crun') };
  execFileSync('crun', ['pause', 'crun']);
  // It takes a moment until all has stopped, and is that long not frozen.
  while (!readFileSync('/sys/fs/cgroup/xray/crun/cgroup.events', 'utf8').includes('frozen 1'))
    await new Promise(next => setTimeout(next, 10));
  const { cgroup } = await readLive(pid);
  console.log(JSON.stringify({ ...both, frozen: cgroup?.frozen }));
  execFileSync('crun', ['resume', 'crun']);
} finally {
  await ours.end();
  execFileSync('crun', ['delete', '--force', 'crun']);
}
