// Seen by an ordinary user: their own container whole, another's as far as anybody may see it.
import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { build } from '#linux';
import { machineFacts } from '../doctor/facts.ts';
import { searchPath } from '../doctor/probe.ts';
import { home } from '../paths.ts';
import { said } from './kit.ts';
import type { Xray } from './types.ts';

const facts = await machineFacts();
const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
const reason =
  (!facts.root && 'to become another user takes root') ||
  (!facts.features.userns && 'an ordinary user may make no user namespace here') ||
  (spawnSync('setpriv', [...nobody, 'cat', `${home}/package.json`]).status !== 0 &&
    'nobody may not read the workshop’s folder');
const unlessNot = (title: string, body: (t: ExecutionContext) => Promise<void> | void) =>
  reason ? test.skip(`${title} (skipped: ${reason})`, () => {}) : test(title, body);

unlessNot('another user’s process: what anybody may see is there, and the rest is named with what to do', async t => {
  const target = await build(async box => void (await box.setsid()), { stdio: ['ignore', 'ignore', 'ignore'] });
  t.teardown(() => target.end());
  const command = [process.execPath, '--no-warnings', `${home}/workshop/boxwright.mjs`, 'xray', String(target.pid)];
  const {
    process: view,
    mounts,
    namespaces,
    network,
    privileges,
    unread,
  }: Xray = JSON.parse(said('setpriv', ...nobody, ...command, '--json'));
  t.is(view.pid, target.pid);
  t.true(privileges.capabilities.effective.length > 10);
  t.is(mounts?.path, '/');
  t.true(unread.some(({ what }) => what === 'the mount that its root is on'));
  t.deepEqual(namespaces, []);
  // By the numbers of its files it is known to be the same network as the reader's.
  t.true(network?.host);
  t.true((network?.links.length ?? 0) > 0);
  t.true(unread.length > 0);
  for (const { why } of unread) t.regex(why, /^EACCES: .*sudo/);
  t.regex(said('setpriv', ...nobody, ...command), /Its namespaces may not be read\./);
});

unlessNot('one’s own: user, process table, mounts and network, without any privilege', t => {
  const inner = `ip link set lo up; ip link add a0 type veth peer name b0; ip addr add 10.9.8.7/24 dev a0; ip link set a0 up
    mount -t tmpfs own /mnt; : > /mnt/ready; exec sleep 600`;
  const script = `unshare --user --map-root-user --net --mount --pid --fork --mount-proc --kill-child sh -c '${inner}' > /dev/null 2>&1 & unshare=$!
    i=0; until pid=$(cat /proc/$unshare/task/$unshare/children) && test -n "$pid" && test -e /proc/\${pid% }/root/mnt/ready; do
      sleep 0.1; i=$((i+1)); test $i -lt 1800 || exit 8; done
    "$NODE" --no-warnings ${home}/workshop/boxwright.mjs xray \${pid% } --json; kill -9 \${pid% }`;
  const env = { PATH: searchPath, NODE: process.execPath, LC_ALL: 'C' };
  const { status, stdout, stderr } = spawnSync('setpriv', [...nobody, 'sh', '-c', script], {
    encoding: 'utf8',
    env,
    timeout: 300_000,
  });
  t.is(status, 0, stderr);
  const { namespaces, users, network, mounts, process: view }: Xray = JSON.parse(stdout);
  t.deepEqual(
    namespaces.filter(({ own }) => own).map(({ kind }) => kind),
    ['mnt', 'net', 'pid', 'user'],
  );
  t.deepEqual(users?.uids, [{ inside: 0, outside: 65_534, count: 1 }]);
  t.is(users?.setgroups, 'deny');
  t.is(view.nsPids[1], 1);
  t.true(mounts?.children.some(({ path, source, role }) => path === '/mnt' && source === 'own' && role === 'memory'));
  t.false(network?.host);
  const a0 = network?.links.find(({ name }) => name === 'a0');
  t.like(a0, { kind: 'veth', up: true, peer: { in: view.pid, name: 'b0', bridge: null } });
  t.is(a0?.addresses[0], '10.9.8.7/24');
  t.regex(network?.rulesUnread ?? '', /root/);
});
