// What must be true of lesson 13's containers: packets of ours cross, from network to network. The 'internet' and other hosts
// are network namespaces that the checks make inside the sandbox.
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import {
  addressesOf,
  answerNames,
  aPort,
  type Box,
  type Context,
  defaults,
  diagnosis,
  inNetwork,
  insideNumber,
  LearnerError,
  type Net,
  openOutside,
  run,
  task,
  travel,
} from '#check';
import { nthAddress, O, readArguments, readStartTime } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
  network: 'bridge',
});

/** As little as possible of what other lessons are about. */
const bare = { maskedPaths: [], readonlyPaths: [] };

task('fifty', async t => {
  await waitsForTheLock(t);
  const bridge = aBridge();
  const engines = [t, await t.asRoot()];
  const did = 'started fifty containers at once, by two engines';
  const folders = [t.containers, await aFolder(t)];
  const start = (i: number) =>
    (engines[i % 2] ?? t).contain({ ...bare, bridge, containers: folders[i % 2] }, 'contain', 15_000);
  const boxes = await Promise.all(Array.from({ length: 50 }, (_, i) => start(i)));
  const all = boxes.map(box => addressesOf(box).v4);
  const twice = all.filter((address, i) => address !== undefined && all.indexOf(address) !== i);
  t.is(twice.length, 0, {
    did,
    kernel: `${[...new Set(twice)].slice(0, 4).join(', ')}: ${twice.length} of 50 have an address that another one has`,
    means: 'Some looked at the same time, saw the same number free, and took it. Looking and taking must be one step.',
    look: 'README, “A number for each”',
    diagnosis: 'two-one-address',
  });
  const odd = all.filter(address => !numberOf(bridge, address));
  t.is(odd.length, 0, {
    did: `${did}, on a bridge with the numbers ${bridge.numbers.join(' to ')} of ${bridge.subnets[0]}`,
    kernel: odd.slice(0, 4).join(', '),
    means: 'That is not an address of a container on this bridge. (The first number is the bridge’s own.)',
    look: 'Bridge, `numbers`',
    diagnosis: 'not-of-the-pool',
  });
  await end(t, boxes, bridge);
});

/** Two that look at the same moment seldom do: so somebody else has the lock, and the container's engine must stand in line. */
async function waitsForTheLock(t: Context): Promise<void> {
  const bridge = aBridge();
  const other = await t.session.sandbox.join();
  try {
    await run(t, ['mkdir', '-p', bridge.pool]);
    const lock = await other.open(`${bridge.pool}/lock`, O.RDWR | O.CREAT, 0o600);
    const LOCK_EX = 2;
    await other.syscall('flock', lock, LOCK_EX);
    const { ino } = t.host.stat(`${bridge.pool}/lock`);

    const starting = t.contain({ ...bare, bridge });
    starting.catch(() => {});
    const inLine = () => new RegExp(`-> FLOCK .*:${ino} `).test(readFileSync('/proc/locks', 'utf8'));
    await Promise.race([t.until(inLine, 4000), starting.catch(() => {})]);
    const taken = t.host.list(bridge.pool).filter(name => /^\d+$/.test(name));
    t.is(taken.length, 0, {
      did: 'held the lock of a bridge’s pool, as another engine would, and started a container',
      kernel: `/proc/locks: the lock is ours; and in the pool there is a lease for number ${taken.join(', ')}`,
      means: 'It has taken a number while somebody else was at it: the two may well have taken the same one.',
      look: 'README, “A number for each” · withLock',
      diagnosis: 'two-one-address',
    });
    await other.end();
    await end(t, [await starting], bridge);
  } finally {
    await other.end();
  }
}

task('reclaimed', async t => {
  const bridge = { ...aBridge(), numbers: [1, 4] };
  const engine = await t.asRoot();
  const containers = await aFolder(t);
  const boxes = await Promise.all([1, 2, 3].map(() => engine.contain({ bridge, containers })));
  // Whose number is the lowest: who takes from the living takes that one first.
  const last = boxes.toSorted(
    (a, b) => (numberOf(bridge, addressesOf(a).v4) ?? 0) - (numberOf(bridge, addressesOf(b).v4) ?? 0),
  )[0] as Box;
  const kept = addressesOf(last).v4;
  await engine.session.end();
  for (const box of boxes) if (box !== last) box.kill();
  await t.until(() => boxes.every(box => box === last || readStartTime(box.pid) === null));
  const did = 'had an engine with three containers, killed it and two of them; then started two with another engine';
  const again = await attempt(Promise.all([t.contain({ bridge }), t.contain({ bridge })]));
  const collided = again.error?.includes('File exists');
  t.ok(again.value, {
    did,
    kernel: `numbers ${bridge.numbers.join(' to ')}, one container runs, and contain() threw: ${again.error}`,
    means: collided
      ? 'The wire with that number is there already, since its container still runs. An address belongs to its container.'
      : 'The dead hold on to their addresses. Who was killed could not give them back: whoever comes next must look.',
    look: collided ? 'Lease' : 'README, “A number for each” · readStartTime',
    diagnosis: collided ? 'taken-from-the-living' : 'address-leaked',
  });
  const now = (again.value ?? []).map(box => addressesOf(box).v4);
  t.ok(kept && !now.includes(kept), {
    did,
    kernel: `a container of the first engine still runs with ${kept}; the new ones have ${now.join(' and ')}`,
    means: 'An engine that has gone is not a container that has gone: an address belongs to its container.',
    look: 'Lease',
    diagnosis: 'taken-from-the-living',
  });
  const full = await attempt(t.contain({ bridge }));
  t.ok(!full.value, {
    did: `${did}, and a third, for which there is no number`,
    kernel: `numbers ${bridge.numbers.join(' to ')}, and it has ${full.value && addressesOf(full.value).v4}`,
    means: 'When all numbers are in use, contain() must throw.',
    look: 'Bridge, `numbers`',
    diagnosis: 'more-than-there-are',
  });
  await end(t, t.boxes, bridge);
});

task('wire', async t => {
  const bridge = aBridge();
  const [one, two] = [await t.contain({ bridge }), await t.contain({ bridge })];
  const did = 'started two containers on one bridge, and sent from the first to the second';
  for (const box of [one, two]) await requireWire(t, box, bridge, did);
  await travel(t, async visitor => {
    for (const kind of ['v4', 'v6'] as const) {
      const address = addressesOf(two)[kind] ?? '';
      const { answer, peer } = await visitor.send(one, two, address);
      const kernel = `connect(${address}) in the first container: ${answer}`;
      t.is(answer, 'OK', { did, kernel, means: 'Nothing arrives, though both wires are in the switch, and up.' });
      t.is(peer, addressesOf(one)[kind], {
        did,
        kernel: `${kernel}, and in the second it comes from ${peer}`,
        means: 'On one switch nobody has to translate an address: the second should see who the first is.',
        look: 'README, “In the host’s name”',
        diagnosis: 'masquerade-within',
      });
    }
  });
});

task('way-out', async t => {
  const bridge = aBridge();
  const box = await t.contain({ bridge });
  const did = 'started a container, and sent from it to the host’s own addresses in the outer network';
  await requireWire(t, box, bridge, did);
  const outside = await openOutside(t);
  await travel(t, async visitor => {
    for (const [i, address] of outside.host.entries()) {
      const { answer } = await visitor.send(box, 'host', address);
      t.is(answer, 'OK', {
        did,
        kernel: `connect(${address}) in the container: ${answer}\n${await routes(t, box, i === 1)}`,
        means: 'It has a wire, and knows only whom that leads to directly. For all others it needs a router.',
        look: 'README, “The way out”',
        diagnosis: answer === 'ENETUNREACH' ? 'no-route' : 'no-way-out',
      });
    }
  });
  await outside.close();
});

task('world', async t => {
  const bridge = aBridge();
  const outside = await openOutside(t);
  const box = await t.contain({ bridge });
  const did = `started a container, and sent from it to ${outside.far.join(' and ')}, which the host reaches by a router`;
  await requireWire(t, box, bridge, did);
  await travel(t, async visitor => {
    for (const [i, address] of outside.far.entries()) {
      const { answer, peer } = await visitor.send(box, outside.net, address);
      const setting = i ? 'ipv6/conf/all/forwarding' : 'ipv4/ip_forward';
      const forwards = (await run(t, ['cat', `/proc/sys/net/${setting}`])).trim() === '1';
      t.is(answer, 'OK', {
        did,
        kernel: `connect(${address}) in the container: ${answer}\n/proc/sys/net/${setting} is ${forwards ? 1 : 0}\n${await routes(t, box, i === 1)}`,
        means: forwards
          ? 'The host passes it on, and no answer comes back: out there nobody knows where the container’s addresses are.'
          : 'The host throws away what is not for itself. Passing on is what a router does, and it is not one yet.',
        look: forwards ? 'README, “In the host’s name”' : 'README, “The host as a router”',
        diagnosis: forwards ? 'no-masquerade' : 'no-forwarding',
      });
      t.is(peer, outside.host[i], {
        did,
        kernel: `connect(${address}) in the container: OK, and there it comes from ${peer}`,
        means: `Out there only the host is known: it should come from ${outside.host[i]}.`,
        look: 'README, “In the host’s name”',
        diagnosis: 'no-masquerade',
      });
    }
  });
  await outside.close();
});

task('published', async t => {
  const bridge = aBridge();
  const outside = await openOutside(t);
  const { port, publish, box } = await publishing(t, bridge);
  const did = `started a container with the host’s port ${port} published, and connected to it from another host`;
  await requireWire(t, box, bridge, did);
  await travel(t, async visitor => {
    for (const [i, address] of outside.host.entries()) {
      const { answer, peer } = await visitor.send(outside.net, box, address, port, publish[0]?.containerPort);
      const kernel = `connect(${address}, ${port}) on the other host: ${answer}`;
      t.is(answer, 'OK', {
        did,
        kernel,
        means: 'Nothing on the host answers at this port, and nothing takes it to the container.',
        look: 'README, “In through a published port”',
        diagnosis: 'not-published',
      });
      t.is(peer, outside.near[i], {
        did,
        kernel: `${kernel}, and in the container it comes from ${peer}`,
        means: 'The container cannot tell who is talking to it: what comes in is masqueraded too.',
        look: 'README, “In the host’s name”',
        diagnosis: 'masquerade-inward',
      });
      const { hostPort, containerPort } = publish[1] ?? aPublished('udp');
      t.is(await visitor.sendDatagram(outside.net, box, address, 8, hostPort, containerPort), 8, {
        did: `${did.split(', and')[0]}, and ${hostPort} of UDP, and sent a datagram there from another host`,
        kernel: `sendto(${address}, ${hostPort}): nothing arrives in the container’s port ${containerPort}`,
        means: 'What is true of TCP is not true of UDP: each has its own ports, and a rule can be about one or both.',
        look: 'README, “In through a published port”',
        diagnosis: 'tcp-only',
      });
    }
  });
  await outside.close();
});

task('published-here', async t => {
  const bridge = aBridge();
  const outside = await openOutside(t);
  const { port, publish, box } = await publishing(t, bridge);
  const did = `started a container with the host’s port ${port} published, and connected to it on the host itself`;
  await requireWire(t, box, bridge, did);
  await travel(t, async visitor => {
    for (const address of ['127.0.0.1', ...outside.host, '::1']) {
      const { answer } = await visitor.send('host', box, address, port, publish[0]?.containerPort);
      t.is(answer, 'OK', {
        did,
        kernel: `connect(${address}, ${port}) on the host: ${answer}`,
        means:
          address === '::1'
            ? 'From ::1 the kernel lets nothing out, translated or not. Somebody has to listen there, and pass it on.'
            : 'What the host itself sends does not arrive from anywhere: it takes another way through the rules.',
        look: address === '::1' ? 'README, “From the host itself”' : 'README, “From the host itself” · nft(8), output',
        diagnosis: address === '::1' ? 'no-answer-on-loopback' : 'not-published-here',
      });
    }
  });
  const twice = await attempt(t.contain({ bridge, publish }));
  t.ok(!twice.value, {
    did: `${did}; then started another with the same port of the host`,
    kernel: 'contain() returned a second container',
    means: 'A port can lead to one container only. Who comes second must be told.',
    look: 'Lease, `ports`',
    diagnosis: 'port-given-twice',
  });
  await outside.close();
});

task('guarded', async t => {
  const bridge = aBridge();
  const box = await t.contain({ bridge });
  const did =
    'listened on the host’s 127.0.0.1, and sent there from a container whose root has taken its own loopback away';
  await requireWire(t, box, bridge, did);
  const { v4 = '' } = addressesOf(box);
  const [gateway = ''] = nthAddress(bridge.subnets[0], 1).split('/');
  await inNetwork(
    t,
    box,
    `ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1 via ${gateway} src ${v4}
    echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet`,
  );
  await travel(t, async visitor => {
    const { answer } = await visitor.send(box, 'host', '127.0.0.1', 0, 0, 0.4);
    t.ok(answer !== 'OK', {
      did,
      kernel: `connect(127.0.0.1) in the container: ${answer}, and the host’s server has it`,
      means:
        'What listens on the loopback believes itself alone with the host. route_localnet has opened that door for this ' +
        'bridge: a rule must shut it again (CVE-2020-8558).',
      look: 'README, “From the host itself”',
      diagnosis: 'loopback-open',
    });
  });
});

task('names', async t => {
  const bridge = aBridge();
  const [name, port, late] = [t.nonce('name'), aPort(), t.nonce('late')];
  const one = await t.contain({ bridge, hostname: name });
  const two = await t.contain({ bridge, command: ['/bin/sleep', '61'] });
  const did = `started a container named ${name} and another, which is to connect to it by this name`;
  await requireWire(t, one, bridge, did);
  const three = await t.contain({ bridge, hostname: late });
  const finding = (box: Box) => ({
    kernel: `/etc/hosts there:\n${box.read('/etc/hosts').trim()}`,
    look: 'README, “Names” · hosts(5)',
  });
  t.ok(await resolves(t, bridge, name, port, one), {
    did,
    ...finding(two),
    means: 'The name means nothing in there.',
    diagnosis: 'name-unknown',
  });
  t.ok(names(two).includes(late), {
    did: `${did}; then a third, ${late}`,
    ...finding(two),
    means: 'The names are those of the moment at which it was started. Who comes later is unknown to it.',
    diagnosis: 'names-of-then',
  });
  three.kill();
  t.ok(await t.until(() => !names(two).includes(late)), {
    did: `${did}; then a third, ${late}, which has ended`,
    ...finding(two),
    means: 'The name is still there, for an address that the next container may get.',
    diagnosis: 'names-of-the-dead',
  });
});

task('resolver', async t => {
  const [bridge, outside] = [aBridge(), await openOutside(t)];
  const [name, port] = [`${t.nonce('www')}.example`, aPort()];
  const [[server = ''], [web = '']] = [outside.far, outside.near];
  const stop = await answerNames(t, outside.net, server, name, web);
  const did = `started a container, its root read-only, with dns: ['${server}'], which is to connect to ${name}, a name that this server knows`;
  const box = await t.contain({ bridge, dns: [server], readOnly: true });
  await requireWire(t, box, bridge, did);
  const found = await resolves(t, bridge, name, port, outside.net, [server]);
  await stop();
  t.ok(found, {
    did,
    kernel: `/etc/resolv.conf there: ${box.read('/etc/resolv.conf').trim() || 'empty'}`,
    means: 'It never came there. A program asks whom /etc/resolv.conf names.',
    look: 'README, “Names” · resolv.conf(5)',
    diagnosis: 'resolver-unknown',
  });
  const usual = `nameserver 127.0.0.53\nnameserver ${server}\n`;
  const before = await run(t, ['cat', '/etc/resolv.conf']);
  await run(t, ['sh', '-c', 'rm -f /etc/resolv.conf && cat >/etc/resolv.conf'], usual);
  const plain = (await t.contain({ bridge })).read('/etc/resolv.conf');
  await run(t, ['sh', '-c', 'cat >/etc/resolv.conf'], before);
  t.ok(plain.includes(server) && !plain.includes('127.0.0.53'), {
    did: `gave the host a resolv.conf with ${usual.trim().replace('\n', ' and ')}, and started a container without dns`,
    kernel: `/etc/resolv.conf there: ${plain.trim() || 'empty'}`,
    means: 'It should ask whom the host asks, but for who listens on a loopback: in there that is its own.',
    look: 'README, “Names”',
    diagnosis: 'resolver-on-loopback',
  });
  await outside.close();
});

task('nothing-left', async t => {
  const [bridge, table] = [aBridge(), t.nonce('table')];
  await run(t, ['nft', `add table ip ${table}`]);
  // Of the tasks before this one there may be something on its way out.
  await t.until(async () => (await leftovers(t, bridge)).length <= 2);
  const before = await leftovers(t, bridge);
  const [containers, command] = [await aFolder(t), ['/bin/sleep', String(randomInt(1000, 9999))]];
  for (const wait of [0, 40, 80]) {
    const engine = await t.asRoot();
    const started = attempt(engine.contain({ bridge, containers, command, publish: [aPublished()] }));
    await new Promise(next => setTimeout(next, wait + randomInt(40)));
    await engine.session.end();
    await started;
    // What was started lives on without its engine.
    for (const pid of t.host.processes()) if (isRunning(pid, command)) t.session.kill(pid, 'SIGKILL');
  }
  await end(t, [await t.contain({ bridge, publish: [aPublished()] })], bridge);
  await t.until(async () => (await leftovers(t, bridge)).every(each => before.includes(each)));
  const after = await leftovers(t, bridge);
  const left = after.filter(each => !before.includes(each));
  t.is(left.length, 0, {
    did: 'killed three engines while they started containers; started and ended one more container, and waited',
    kernel: left.join('\n'),
    means: 'Nobody runs any more, and what was made for them is still there. The next container may get that address.',
    look: 'README, “What is left”',
    diagnosis: /table/.test(left.join()) ? 'rules-leaked' : 'left-behind',
  });
  t.ok(after.includes(`table ip ${table}`), {
    did: `made a table ${table} of rules, which is none of the container’s; started containers and ended them`,
    kernel: `before: ${before.join(', ')}\nafter: ${after.join(', ')}`,
    means: 'Others have rules as well, a firewall perhaps. What is not yours must stay.',
    look: 'nft(8), flush ruleset',
    diagnosis: 'others-rules',
  });
  await run(t, ['nft', `delete table ip ${table}`]);
});

task('macvlan', async t => {
  const outside = await openOutside(t);
  await requireKind(t, 'macvlan', ['link', outside.link, 'type', 'macvlan']);
  const address = `192.0.2.${randomInt(10, 250)}`;
  const macvlan = { parent: outside.link, address: `${address}/24`, gateway: outside.near[0] };
  const did = `started a container beside ${outside.link}, with ${address} in the host’s own network`;
  const box = await t.contain({ network: 'macvlan', macvlan });
  await travel(t, async visitor => {
    const inward = await visitor.send(outside.net, box, address);
    const finding = { did, kernel: `${inward.answer}, from another host to ${address}`, look: 'ip-link(8), MACVLAN' };
    const means = 'One more machine should be in that network, with a hardware address of its own, and is not.';
    t.is(inward.answer, 'OK', { ...finding, means, diagnosis: 'not-beside' });
    const outward = await visitor.send(box, outside.net, outside.far[0] ?? '');
    t.ok(outward.answer === 'OK' && outward.peer === address, {
      did,
      kernel: `connect(${outside.far[0]}) in the container: ${outward.answer}${outward.peer ? `, from ${outward.peer}` : ''}\n${await routes(t, box)}`,
      means: 'It reaches its neighbours, and not what is behind the router.',
      look: 'README, “Without the host”',
      diagnosis: 'macvlan-no-route',
    });
  });
  await outside.close();
});

task('overlay', async t => {
  const other = await t.asRoot({ apart: true });
  const [far] = [insideNumber(other.session.runner)];
  await requireKind(t, 'vxlan', ['type', 'vxlan', 'id', '1', 'dstport', '4789']);
  const ends = ['203.0.113.1', '203.0.113.2'];
  await run(t, [
    'sh',
    '-c',
    `ip link del underlay 2>/dev/null
    ip link add underlay type veth peer name underlay netns ${far}
    ip addr add ${ends[0]}/24 dev underlay && ip link set underlay up`,
  ]);
  await inNetwork(t, far, `ip addr add ${ends[1]}/24 dev underlay && ip link set underlay up && ip link set lo up`);
  const [half, id] = [aBridge(), randomInt(1, 1 << 24)];
  const hosts = ends.map((local, i) => ({
    ...half,
    pool: `${half.pool}-${i}`,
    numbers: i ? [129, 254] : [1, 126],
    vxlan: { id, local, remotes: ends.filter(each => each !== local) },
  }));
  const [one, two] = [await t.contain({ bridge: hosts[0] }), await other.contain({ bridge: hosts[1] })];
  const did = 'started a container on each of two hosts, on one bridge that is stretched between them by a VXLAN';
  await requireWire(t, one, half, did);
  await travel(t, async visitor => {
    for (const kind of ['v4', 'v6'] as const) {
      const address = addressesOf(two)[kind] ?? '';
      const { answer } = await visitor.send(one, two, address);
      t.is(answer, 'OK', {
        did: `${did}, and sent from the first to the second`,
        kernel: `connect(${address}) in the first container: ${answer}\n${await devices(t)}`,
        means: 'The other half of the switch is not there, or nothing of this half finds its way to it.',
        look: 'README, “Two hosts, one switch” · bridge(8), fdb',
        diagnosis: 'not-stretched',
      });
    }
    const { v4: address = '' } = addressesOf(two);
    const size = 4000;
    t.is(await visitor.sendDatagram(one, two, address, size), size, {
      did: `${did}, and sent a datagram of ${size} bytes, which the first cuts to the length that its eth0 allows`,
      kernel: `nothing of it arrives at ${address}\n${(await inNetwork(t, one, 'ip link show eth0')).split('\n')[0]}`,
      means:
        'What is small arrives, what is large does not: packed, a piece of it is 50 bytes longer than what may pass.',
      look: 'README, “Two hosts, one switch”',
      diagnosis: 'mtu',
    });
  });
  await Promise.all([end(t, [one], { pool: `${half.pool}-0` }), end(t, [two], { pool: `${half.pool}-1` })]);
  await run(t, ['ip', 'link', 'del', 'underlay']);
});

type Bridge = { name: string; subnets: [string, string]; numbers: number[]; pool: string };

/** A bridge that no file can know beforehand. */
function aBridge(): Bridge {
  const name = `br${randomBytes(3).toString('hex')}`;
  const [a, b] = [randomInt(16, 250), randomInt(1, 250)];
  const subnets: [string, string] = [`10.${a}.${b}.0/24`, `fd${randomBytes(1).toString('hex')}:${b}::/64`];
  return { name, subnets, numbers: [1, 254], pool: `/run/boxwright/pools/${name}` };
}

const aPublished = (protocol = 'tcp') => ({ hostPort: aPort(), containerPort: randomInt(30_000, 40_000), protocol });

async function publishing(t: Context, bridge: Bridge) {
  const publish = [aPublished(), aPublished('udp')];
  return { publish, port: publish[0]?.hostPort ?? 0, box: await t.contain({ bridge, publish }) };
}

/** The number of an address in the bridge's first subnet, or null when it has none that a container may have. */
function numberOf({ subnets, numbers }: Bridge, address = ''): number | null {
  const number = Number(address.split('.')[3]);
  const own = nthAddress(subnets[0], number).startsWith(`${address}/`);
  return own && number > (numbers[0] ?? 0) && number <= (numbers[1] ?? 0) ? number : null;
}

const routes = async (t: Context, net: Net, six = false) =>
  (await inNetwork(t, net, `ip ${six ? '-6' : ''} route`)).trim() || 'no routes';
const devices = (t: Context) => run(t, ['ip', '-br', 'link']);
const names = (box: Box) => box.read('/etc/hosts').split(/\s+/);

/** What `nothing-left` looks for: interfaces, tables of rules, numbers of the pool, and names in its file. */
async function leftovers(t: Context, { pool }: Bridge): Promise<string[]> {
  const [links, tables] = [await run(t, ['ip', '-br', 'link']), await run(t, ['nft', 'list', 'tables'])];
  const interfaces = links
    .split('\n')
    .filter(Boolean)
    .map(line => `interface ${line.split(/[\s@]/)[0]}`);
  return [...interfaces, ...tables.split('\n').filter(Boolean), ...numbersIn(t, pool).map(name => `${pool}/${name}`)];
}

/** For containers whose engine is killed, so that nobody removes what is theirs. */
async function aFolder(t: Context): Promise<string> {
  const folder = `/run/boxwright/${t.nonce('containers')}`;
  await run(t, ['mkdir', folder]);
  return folder;
}

function isRunning(pid: number, command: string[]): boolean {
  try {
    return isDeepStrictEqual(readArguments(pid), command);
  } catch {
    return false;
  }
}

/** Ends containers, and waits until their engines have heard of it. */
async function end(t: Context, boxes: Box[], { pool }: Pick<Bridge, 'pool'>): Promise<void> {
  for (const box of boxes) box.kill();
  await t.until(() => boxes.every(box => readStartTime(box.pid) === null) && numbersIn(t, pool).length === 0);
}

const numbersIn = (t: Context, pool: string) =>
  t.host.exists(pool) ? t.host.list(pool).filter(name => /^\d/.test(name)) : [];

/** What became of it: the value, or why there is none. */
async function attempt<T>(work: Promise<T>): Promise<{ value?: T; error?: string }> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof LearnerError)) throw error;
    return { error: error.message.split('\n').find(line => /\S/.test(line)) ?? '' };
  }
}

/** Leaves a task out where the kernel was built without this kind of interface. */
async function requireKind(t: Context, kind: string, args: string[]): Promise<void> {
  const { status, stderr } = await t.host.run(['ip', 'link', 'add', 'probe', ...args]);
  if (status !== 0) t.skip(`needs a ${kind} interface, which this kernel refuses: ${stderr.trim()}`);
  await run(t, ['ip', 'link', 'del', 'probe']);
}

/** Whether a container of this bridge that connects to a name comes out at a server of ours there. */
function resolves(t: Context, bridge: Bridge, name: string, port: number, at: Net, dns?: string[]): Promise<boolean> {
  return travel(t, async ({ box, listen, accept }) => {
    const server = await listen(at, port, 4);
    const arrived = accept(server).then(
      () => true,
      () => false,
    );
    await t.contain({ bridge, dns, command: ['/bin/sh', '-c', `echo | nc -w 2 ${name} ${port}`] });
    const found = await arrived;
    await box.close(server);
    return found;
  });
}

type Link = { ifname: string; flags: string[]; master?: string; addr_info?: { local: string; prefixlen: number }[] };

/** That a container has a wire: what lies between its end and the other, from the inside to the outside. */
async function requireWire(t: Context, box: Box, bridge: Bridge, did: string): Promise<void> {
  const inside: Link[] = JSON.parse(await inNetwork(t, box, 'ip -j addr'));
  const host: Link[] = JSON.parse(await run(t, ['ip', '-j', 'addr']));
  const eth0 = inside.find(link => link.ifname === 'eth0');
  const own = host.find(link => link.ifname === bridge.name);
  const ports = host.filter(link => link.master === bridge.name && !link.ifname.startsWith('vxlan'));
  const up = (link?: Link) => link?.flags.includes('UP');
  const say = (links: Link[]) =>
    links
      .map(
        ({ ifname, flags, addr_info = [] }) =>
          `${ifname}: ${flags.join(',')} ${addr_info.map(each => `${each.local}/${each.prefixlen}`).join(' ')}`,
      )
      .join('\n');
  const prefixes = bridge.subnets.map(subnet => Number(subnet.split('/')[1]));
  const wrong = eth0?.addr_info?.find(({ local, prefixlen }) => !/^fe80/.test(local) && !prefixes.includes(prefixlen));
  const lacks: [string, boolean, string, Link[]][] = [
    ['no-switch', !own, `There is no interface ${bridge.name} on the host, so there is no switch.`, host],
    ['no-eth0', !eth0, 'The container has no interface eth0: it has no wire, or its end bears another name.', inside],
    ['peer-down', !up(eth0), 'The container’s end of the wire is down: it neither sends nor hears.', inside],
    [
      'no-address',
      !addressesOf(box).v4 || !addressesOf(box).v6,
      'Its eth0 lacks an address: one of IPv4 and one of IPv6.',
      inside,
    ],
    [
      'wrong-prefix',
      !!wrong,
      `Its address says /${wrong?.prefixlen}: it takes others for its neighbours than those of ${bridge.subnets.join(' and ')}.`,
      inside,
    ],
    ['bridge-down', !up(own), 'The switch itself is down.', host],
    [
      'not-in-bridge',
      ports.length === 0,
      `No wire is in the switch: none of the host’s interfaces has ${bridge.name} as master.`,
      host,
    ],
    ['end-down', !ports.every(up), 'The host’s end of a wire is down.', ports],
  ];
  for (const [id, lacking, means, links] of lacks) {
    t.ok(!lacking, { did, kernel: say(links), means, look: 'README, “A wire” · ip-link(8)', diagnosis: id });
  }
}

diagnosis('pool-not-seen', ({ error, trace }) => {
  const call = trace.findLast(each => each.code === 'ENOENT' && /pools?\//.test(each.text));
  if (error?.error?.code !== 'ENOENT' || !call) return null;
  const means =
    'The container stands in its own root, and in there is no pool. Who sees both, the pool and its mounts?';
  return { kernel: call.text, means, look: 'README, “Names” · open_tree(2), move_mount(2)' };
});

diagnosis('read-only-root', ({ error }) => {
  if (error?.error?.code !== 'EROFS') return null;
  const means = 'Its root was made read-only before this: nothing can be written there. But something can be mounted.';
  return { means, look: 'README, “Names”' };
});

/** What ip(8) or nft(8) said, when one of them failed and the learner's code with it. */
const complaint = (message = '') =>
  /^\s*((RTNETLINK|Error:|Cannot|Device|Invalid|nsenter:|Object|internal).*)$/m.exec(message)?.[1];

diagnosis('peer-down', ({ error, source }) => {
  const said = complaint(error?.error?.message);
  const [plug = source] = /^(export )?async function plug\(.*?\n\}/ms.exec(source) ?? [];
  if (!said || !/unreachable|invalid gateway|Network is down/.test(said) || /eth0 up/.test(plug)) return null;
  const means = 'No route leads through an interface that is down, and eth0 is: nobody has switched it on.';
  return { kernel: said, means, look: 'README, “A wire” · ip-link(8), up' };
});

diagnosis(
  'two-one-address',
  ({ error }) => {
    const said = complaint(error?.error?.message);
    if (said !== 'RTNETLINK answers: File exists') return null;
    const means =
      'That wire is there already, since two have the same number: one looked while the other was about to take it.';
    return { kernel: said, means, look: 'README, “A number for each”' };
  },
  ['fifty'],
);

diagnosis('not-of-the-pool', ({ error }) => {
  const said = complaint(error?.error?.message);
  if (!said?.includes('local address')) return null;
  const means = 'The container has the gateway’s own address. The first number is the bridge’s.';
  return { kernel: said, means, look: 'Bridge, `numbers`' };
});

diagnosis('a-command-failed', ({ error }) => {
  const said = complaint(error?.error?.message);
  if (!said) return null;
  return { kernel: said, means: 'A command of yours was refused.', look: 'the manual page of the command' };
});
