// Containers of Docker's and Podman's, found by name: the x-ray beside what the engines, lsns, findmnt and getpcaps say of them.
import test, { type ExecutionContext } from 'ava';
import { dockerCapabilities } from '#linux';
import { findProgram, machineFacts } from '../doctor/facts.ts';
import { dockerPrograms, type Inside, inside, story } from './engine-kit.ts';
import { flat } from './kit.ts';
import type { Xray } from './types.ts';

const facts = await machineFacts();
const noRoot = !facts.root && 'it is run as root';

interface Listed {
  namespaces: { ns: number; type: string }[];
}

/** Of `container inspect`, what both have. */
interface Inspected {
  State: { Pid: number };
  GraphDriver: { Data: { UpperDir: string; LowerDir: string } };
  NetworkSettings: Record<'IPAddress' | 'MacAddress' | 'Gateway', string> & { IPPrefixLen: number };
}

/** What holds of any engine's container. */
function compare(t: ExecutionContext, engine: string, said: Inside): Xray {
  const xray = said.json<Xray>('xray.json');
  const inspected = said.json<[Inspected]>('inspect.json')[0];
  t.is(xray.name, `${engine} web`);
  t.is(xray.process.pid, inspected.State.Pid);
  t.deepEqual(xray.process.command, ['sleep', '3000']);
  t.deepEqual(xray.unread, []);

  const listed = said.json<Listed>('lsns.json').namespaces.map(({ ns, type }) => [type, Number(ns)]);
  t.deepEqual(xray.namespaces.map(({ kind, inode }) => [kind, inode]).sort(), listed.sort());
  const own = xray.namespaces.filter(each => each.own).map(({ kind }) => kind);
  for (const kind of ['mnt', 'uts', 'ipc', 'net', 'pid'] as const) t.true(own.includes(kind), kind);

  const mounts = said.json<{ filesystems: { id: number; target: string; fstype: string }[] }>(
    'findmnt.json',
  ).filesystems;
  const ours = xray.mounts ? flat(xray.mounts) : [];
  const byId = (a: { id: number }, b: { id: number }) => a.id - b.id;
  t.deepEqual(ours.map(({ id, path, type }) => ({ id, target: path, fstype: type })).sort(byId), mounts.sort(byId));
  const roles = Object.fromEntries(ours.map(({ path, role }) => [path, role]));
  t.like(roles, {
    '/': 'root',
    '/proc': 'kernel',
    '/dev': 'memory',
    '/etc/hostname': 'bind',
    '/proc/keys': 'mask',
    '/sys/firmware': 'mask',
  });

  // Upper, and then the lower ones: as `inspect` names them, which sort has put in the other order.
  const [overlay] = xray.overlays;
  const layers = said
    .read('layers')
    .trim()
    .split('\n')
    .map(line => line.split(' '));
  const upper = layers.find(([, , path]) => path === inspected.GraphDriver.Data.UpperDir);
  const lowers = inspected.GraphDriver.Data.LowerDir.split(':').map(path => layers.find(each => each[2] === path));
  t.deepEqual(
    overlay?.layers.map(({ kind, entries }) => [kind, entries]),
    [['upper', Number(upper?.[1])], ...lowers.map(each => ['lower', Number(each?.[1])])],
  );
  const last = lowers.length;
  const files = Object.fromEntries(overlay?.files.map(({ path, kind, layer }) => [path, `${kind} ${layer}`]) ?? []);
  t.like(files, {
    ...{ '/new': 'new 0', '/made': 'new 0', '/etc/passwd': 'whiteout 0', '/ready': 'new 0' },
    ...{ '/bin/busybox': `lower ${last}`, '/etc/os-release': `lower ${last - 1}` },
  });

  const memory = said
    .read('cgroup')
    .split('\n')
    .find(line => /:memory:|^0::/.test(line));
  t.is(xray.cgroup?.path, memory?.replace(/^[^:]*:[^:]*:/, ''));
  t.is(xray.cgroup?.memory.max, 64 << 20);
  t.true((xray.cgroup?.memory.current ?? 0) > 0);
  t.deepEqual(xray.cgroup?.pids, { current: 1, max: 33 });

  const names = said
    .read('getpcaps')
    .trim()
    .replace(/^.*?: *=? */, '')
    .replace(/=\w*$|\+\w*$/, '')
    .split(',');
  t.deepEqual(xray.privileges.capabilities.effective.map(name => `cap_${name}`).sort(), names.sort());
  t.like(xray.privileges.seccomp, { mode: 'filter' });

  t.regex(said.read('xray.txt'), new RegExp(`^${engine} web · process ${xray.process.pid}`));
  for (const line of said.read('xray.txt').split('\n')) t.true([...line].length <= 80, line);
  t.regex(said.read('nobody'), new RegExp(`^boxwright: ${engine} knows no container nobody\nnext: .*${engine} ps`));
  t.regex(
    said.read('stopped'),
    new RegExp(`^boxwright: ${engine}’s container web does not run: it is exited\nnext: .*${engine} start web`),
  );
  return xray;
}

const noDocker = noRoot || (facts.guest && 'this is a guest') || (!findProgram('runc') && 'runc is not installed');
const named = (engine: string, reason: string | false) =>
  `${engine}’s container${reason ? ` (skipped: ${reason})` : ''}`;

(noDocker ? test.skip : test.serial)(named('Docker', noDocker), async t => {
  const script = `
    export DOCKER_HOST=unix://$F/docker.sock; echo '{}' > daemon.json
    dockerd --host $DOCKER_HOST --data-root $F/data --exec-root $F/exec --pidfile $F/dockerd.pid --storage-driver overlay2 \\
      --cgroup-parent /$GROUP --config-file $F/daemon.json > log 2>&1 &
    i=0; until docker version >/dev/null 2>&1; do sleep 0.2; i=$((i+1)); test $i -lt 1500; done
    ${story('docker', '--cpus 0.5 --publish 127.0.0.1:18080:80')}
    kill $(cat dockerd.pid); wait
    xray --docker web 2> silent && exit 9; true`;
  const said = inside(script, await dockerPrograms());
  t.teardown(said.end);
  const xray = compare(t, 'docker', said);
  const effective = xray.privileges.capabilities.effective.map(name => `CAP_${name.toUpperCase()}`);
  t.deepEqual(effective.sort(), dockerCapabilities.toSorted());
  t.true(xray.users?.identity);
  t.is(xray.cgroup?.cpu.quota, 0.5);
  const inspected = said.json<[Inspected]>('inspect.json')[0];
  const { IPAddress, IPPrefixLen, MacAddress, Gateway } = inspected.NetworkSettings;
  const eth0 = xray.network?.links.find(({ name }) => name === 'eth0');
  t.like(eth0, { kind: 'veth', mac: MacAddress, addresses: [`${IPAddress}/${IPPrefixLen}`] });
  t.like(eth0?.peer, { in: 'host', bridge: 'docker0' });
  t.like(xray.network?.bridges, [{ name: 'docker0', ports: [eth0?.peer?.name] }]);
  t.true(xray.network?.routes.some(({ destination, via }) => destination === 'default' && via === Gateway));
  const published = xray.network?.rules.filter(({ text }) => text.includes(IPAddress) && text.includes('dnat'));
  t.is(published?.length, 1, JSON.stringify(xray.network?.rules));
  t.regex(said.read('silent'), /^boxwright: docker does not answer: .*\nnext: .*docker ps/);
});

const noPodman =
  noRoot || (!findProgram('podman') && 'Podman is not installed') || (!findProgram('runc') && 'runc is not installed');

(noPodman ? test.skip : test.serial)(named('Podman', noPodman), t => {
  const script = `
    cat > containers.conf <<X
[containers]
default_ulimits = ["nofile=1024:20000","nproc=9000:9000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
X
    printf '[storage]\\ndriver = "overlay"\\ngraphroot = "%s/root"\\nrunroot = "%s/run"\\n' $F $F > storage.conf
    export CONTAINERS_CONF=$F/containers.conf CONTAINERS_STORAGE_CONF=$F/storage.conf
    ${story('podman', '--quiet --network none --log-driver none --cgroup-parent /$GROUP')}`;
  const said = inside(script.replace('commit one', 'commit --quiet one'));
  t.teardown(said.end);
  const xray = compare(t, 'podman', said);
  t.deepEqual(
    xray.network?.links.map(({ name }) => name),
    ['lo'],
  );
  t.true(xray.namespaces.find(({ kind }) => kind === 'net')?.own);
});
