// What must be true of lesson 12's container. Its interfaces, routes and sockets are read from /proc, from outside; whether
// anything can be reached is tried, by processes of ours that enter its network namespace and talk over real sockets.
import { readFileSync } from 'node:fs';
import { type Box, type Context, defaults, diagnosis, type Evidence, task } from '#check';
import { AF, CLONE, IFF, into, type Process, SIOC, SOCK, SyscallError } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

task('own-namespace', async t => {
  for (const spec of [{}, { network: 'none' }]) {
    const box = await t.contain(spec);
    requireOwn(
      t,
      box,
      `started a container with ${'network' in spec ? "network: 'none'" : 'no word about its network'}`,
    );
  }
});

task('interfaces', async t => {
  await withBridge(t, async bridge => {
    const before = interfaces(t.host.pid);
    t.ok(before.includes(bridge) && routes(t.host.pid).includes(bridge), {
      did: `gave the host an interface, ${bridge}, and a route through it`,
      kernel: `its interfaces are ${before.join(', ')}`,
      means: 'The host has lost it before anybody looked for it.',
    });
    const box = await t.contain();
    const did = `gave the host an interface, ${bridge}, and a route through it; then started a container`;
    t.same(interfaces(box.pid), ['lo'], {
      did,
      kernel: `/proc/${box.reference.pid}/net/dev has ${interfaces(box.pid).join(', ') || 'none'}`,
      means:
        'A container without a network has a loopback, and nothing else: what goes out goes out through an interface.',
      look: 'network_namespaces(7)',
    });
    t.is(routes(box.pid).length, 0, {
      did,
      kernel: `/proc/${box.reference.pid}/net/route has a route through ${routes(box.pid).join(', ')}`,
      means: 'The container knows a way out.',
    });
  });
});

task('sockets', async t => {
  const name = t.nonce('socket');
  await onHost(t, async daemon => {
    const tcp = await listen(daemon, inet(0));
    await listen(daemon, abstract(name));
    const port = portOf(tcp.address);
    const box = await t.contain();
    const did = `made two servers on the host, at 127.0.0.1:${port} and the abstract socket @${name}; then started a container`;

    const [seenOnHost, seen] = [t.host.pid, box.pid].map(pid =>
      [inProcNet(pid, 'tcp', hexPort(port)), inProcNet(pid, 'unix', `@${name}`)].map(String),
    );
    const tryBoth = async (visitor: Process) => [
      await connect(visitor, inet(port)),
      await connect(visitor, abstract(name)),
    ];
    const onTheHost = await onHost(t, tryBoth);
    t.same(
      [seenOnHost, onTheHost],
      [
        ['true', 'true'],
        ['OK', 'OK'],
      ],
      {
        did,
        kernel: `from the host, connect() says ${onTheHost.join(' and ')}`,
        means: 'The servers cannot be reached from the host itself: something of yours has changed its network.',
      },
    );

    const answers = await inNetwork(t, box, tryBoth);
    const kernel =
      `from the container’s network, connect() says ${answers.join(' and ')}\n` +
      `its /proc/net/tcp ${seen?.[0] === 'true' ? 'has' : 'has not'} the first, its /proc/net/unix ${seen?.[1] === 'true' ? 'has' : 'has not'} the second`;
    t.ok(!answers.includes('OK') && !seen?.includes('true'), {
      did,
      kernel,
      means:
        'The container reaches servers of the host that listen for the host alone, and believe whoever gets there.',
      look: 'README, “What a network namespace holds”',
    });
  });
});

task('loopback', async t => {
  const box = await t.contain();
  const did = 'started a container, and let a process in its network namespace talk to itself';
  requireOwn(t, box, did);
  const hasSix = /^0{31}1 .* lo$/m.test(tryRead(`/proc/${t.host.pid}/net/if_inet6`));
  const [flags, four, six] = await inNetwork(t, box, async visitor => [
    await flagsOf(visitor, 'lo'),
    await talk(visitor, visitor, inet(0)),
    hasSix ? await talk(visitor, visitor, inet6(0)) : 'OK',
  ]);
  t.ok(Number(flags) & IFF.UP && four === 'OK' && six === 'OK', {
    did,
    kernel: `the flags of lo are ${inWords(Number(flags))}\nover 127.0.0.1: ${four}${hasSix ? `\nover ::1: ${six}` : ''}`,
    means:
      'Many programs talk to themselves, or to a neighbour in the same container, by way of 127.0.0.1. Here they cannot.',
    look: 'README, “Switched off”',
  });
});

task('host-mode', async t => {
  requireOwn(t, await t.contain(), 'started a container that is not to have the host’s network');
  const box = await t.contain({ network: 'host' });
  t.is(box.namespaces().net, t.host.namespaces().net, {
    did: "started a container with network: 'host'",
    kernel: t.compareNamespace(box, 'net'),
    means: 'Somebody wanted it to have the host’s network, to serve at the host’s address, say.',
    look: 'Spec, network',
  });
});

task('joined', async t => {
  const first = await t.contain();
  requireOwn(t, first, 'started a container');
  const { box, did } = await join(t, first);
  const [one, other, host] = [first, box, t.host].map(each => `net:[${each.namespaces().net}]`);
  t.is(other, one, {
    did,
    kernel: `the first is in ${one}, the second in ${other}${other === host ? ', the host’s' : ''}`,
    means: 'The second has another network than the one that it was to share.',
    look: 'Spec, network',
  });
});

task('neighbours', async t => {
  const first = await t.contain();
  requireOwn(t, first, 'started a container');
  const { box: second, did } = await join(t, first);
  const [between, fromHost] = await inNetwork(t, first, server =>
    inNetwork(t, second, async client => {
      const { fd, address } = await listen(server, inet(0));
      const answer = await exchange(server, client, fd, address);
      return [answer, await onHost(t, stranger => connect(stranger, address))];
    }),
  );
  t.is(between, 'OK', {
    did: `${did}; a process in the first’s network is a server at 127.0.0.1, one in the second’s talks to it`,
    kernel: `they get as far as ${between}`,
    means:
      'Containers that share a network have one 127.0.0.1, at which each finds the other’s servers. These have not.',
    look: 'README, “Somebody else’s”',
  });
  t.is(fromHost, 'ECONNREFUSED', {
    did: `${did}; a process in the first’s network is a server at 127.0.0.1`,
    kernel: `from the host, connect() says ${fromHost}`,
    means: 'The host’s 127.0.0.1 is the containers’ as well.',
  });
});

task('gone', async t => {
  const network = 'container:2147483646';
  const error = await t.refused(t.contain({ network }));
  t.ok(error, () => ({
    did: `started a container with network: '${network}', and there is no such process`,
    kernel: `contain() returned a container; ${t.compareNamespace(t.boxes[0] as Box, 'net')}`,
    means: 'It has a network that nobody asked for. Whoever wanted to share one must hear that it cannot be.',
    look: 'Spec, network',
  }));
});

task('owner', async t => {
  const box = await t.contain();
  const did = 'started a container, and asked its network namespace for its owner (ioctl_nsfs(2), NS_GET_USERNS)';
  requireOwn(t, box, did);
  const pid = box.status().nsPids[1];
  const owner = await onHost(t, async visitor => {
    const fd = await visitor.syscall('ioctl', await visitor.open(`/proc/${pid}/ns/net`), NS_GET_USERNS, 0);
    return visitor.readlink(`/proc/self/fd/${fd}`);
  });
  t.is(owner, `user:[${box.namespaces().user}]`, {
    did,
    kernel: `it belongs to ${owner}; the container is in user:[${box.namespaces().user}]`,
    means: 'Root inside is not root of this network: it may give itself no address, and mount no /sys that shows it.',
    look: 'README, “Whose it is”',
  });
});

task('system', async t => {
  await withBridge(t, async bridge => {
    const shown = t.host.list('/sys/class/net');
    const box = await t.contain();
    const did = `gave the host an interface, ${bridge}, started a container, and looked into both /sys/class/net`;
    requireOwn(t, box, did);
    const inside = box.list('/sys/class/net');
    t.ok(shown.includes(bridge) && inside.join() === 'lo', {
      did,
      kernel: `the host’s has ${shown.join(', ')}; the container’s ${inside.join(', ') || 'nothing'}`,
      means: 'A /sys shows the network namespace of whoever mounted it. The container’s is the host’s.',
      look: 'README, “Whose it is”',
    });
  });
});

/** ioctl_nsfs(2), and what makes and removes a bridge: linux/sockios.h. */
const [NS_GET_USERNS, SIOCBRADDBR, SIOCBRDELBR] = [0xb701, 0x89a0, 0x89a1];

/** What the others look at is the container's own only when it has something of its own. */
function requireOwn(t: Context, box: Box, did: string): void {
  t.ok(box.namespaces().net !== t.host.namespaces().net, {
    did,
    kernel: t.compareNamespace(box, 'net'),
    means:
      'The container is in the host’s network: it sees its interfaces and traffic, and reaches its servers as the host does.',
    look: 'network_namespaces(7)',
  });
}

async function join(t: Context, first: Box) {
  const network = `container:${first.reference.pid}`;
  return {
    box: await t.contain({ network }),
    did: `started a container, and a second with network: '${network}', the pid of the first`,
  };
}

async function onHost<T>(t: Context, look: (visitor: Process) => Promise<T>): Promise<T> {
  const visitor = await t.session.sandbox.join();
  try {
    return await look(visitor);
  } finally {
    await visitor.end();
  }
}

/** A process of ours that has entered the container's network namespace, and no other. */
function inNetwork<T>(t: Context, box: Box, look: (visitor: Process) => Promise<T>): Promise<T> {
  const pid = box.status().nsPids[1];
  return onHost(t, async visitor => {
    await visitor.setns(await visitor.open(`/proc/${pid}/ns/net`), CLONE.NEWNET);
    return look(visitor);
  });
}

/** An interface of the host's that nobody else has, with an address and a route: a bridge to which nothing is attached. */
async function withBridge(t: Context, look: (bridge: string) => Promise<void>): Promise<void> {
  const bridge = t.nonce('br');
  await onHost(t, async visitor => {
    const socket = await visitor.syscall('socket', AF.INET, SOCK.DGRAM, 0);
    try {
      await visitor.syscall('ioctl', socket, SIOCBRADDBR, bridge);
    } catch (error) {
      t.skip(`the host needs an interface of its own for this, and the kernel makes none: ${error}`);
    }
    try {
      await visitor.syscall('ioctl', socket, SIOC.SIFADDR, ifreq(bridge, sockaddr(AF.INET, 0, [10, 99, 0, 1])));
      await visitor.syscall('ioctl', socket, SIOC.SIFFLAGS, ifreq(bridge, [IFF.UP]));
      await look(bridge);
    } finally {
      await visitor.syscall('ioctl', socket, SIOC.SIFFLAGS, ifreq(bridge, [0]));
      await visitor.syscall('ioctl', socket, SIOCBRDELBR, bridge);
    }
  });
}

function ifreq(name: string, data: Iterable<number> = []): Buffer {
  const request = Buffer.alloc(40);
  request.write(name);
  request.set([...data], 16);
  return request;
}

async function flagsOf(visitor: Process, name: string): Promise<string> {
  const request = ifreq(name);
  await visitor.syscall('ioctl', await visitor.syscall('socket', AF.INET, SOCK.DGRAM, 0), SIOC.GIFFLAGS, into(request));
  return String(request.readUInt16LE(16));
}

const inWords = (flags: number) =>
  ['UP', 'LOOPBACK', 'RUNNING'].filter(name => flags & IFF[name as keyof typeof IFF]).join(', ');

/** The names in /proc/PID/net/dev, and those through which /proc/PID/net/route leads. */
const interfaces = (pid: number): string[] =>
  (readFileSync(`/proc/${pid}/net/dev`, 'utf8').match(/\S+(?=:)/g) ?? []).sort();
const routes = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/net/route`, 'utf8').match(/^\S+(?=\t[0-9A-F]{8}\t)/gm) ?? [];
const inProcNet = (pid: number, file: string, text: string) => tryRead(`/proc/${pid}/net/${file}`).includes(text);
const hexPort = (port: number) => `:${port.toString(16).toUpperCase().padStart(4, '0')} `;

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** struct sockaddr_in, sockaddr_in6, sockaddr_un. ip(7), ipv6(7), unix(7) */
function sockaddr(family: number, port: number, rest: Iterable<number>, size = 16): Buffer {
  const address = Buffer.alloc(size);
  address.writeUInt16LE(family);
  address.writeUInt16BE(port, 2);
  address.set([...rest], 4);
  return address;
}
const inet = (port: number) => sockaddr(AF.INET, port, [127, 0, 0, 1]);
const inet6 = (port: number) => sockaddr(AF.INET6, port, [...Array(19).fill(0), 1], 28);
const abstract = (name: string) => Buffer.from([AF.UNIX, 0, 0, ...Buffer.from(name)]);
const portOf = (address: Buffer) => address.readUInt16BE(2);

/** A server; `address` with the port that it got. */
async function listen(server: Process, address: Buffer): Promise<{ fd: number; address: Buffer }> {
  const fd = await server.syscall('socket', address.readUInt16LE(), SOCK.STREAM, 0);
  await server.syscall('bind', fd, address, address.length);
  await server.syscall('listen', fd, 8);
  const bound = Buffer.from(address);
  await server.syscall('getsockname', fd, into(bound), Buffer.from(Uint32Array.of(bound.length).buffer));
  return { fd, address: bound };
}

/** 'OK', or the errno. */
async function connect(client: Process, address: Buffer): Promise<string> {
  const fd = await client.syscall('socket', address.readUInt16LE(), SOCK.STREAM, 0);
  return outcome(client.syscall('connect', fd, address, address.length));
}

/** A client connects, writes a word, and the server reads it: 'OK', or the call that was refused. */
async function exchange(server: Process, client: Process, listening: number, address: Buffer): Promise<string> {
  return outcome(async () => {
    const fd = await client.syscall('socket', address.readUInt16LE(), SOCK.STREAM, 0);
    await client.syscall('connect', fd, address, address.length);
    await client.write(fd, 'hello');
    const accepted = await server.syscall('accept4', listening, null, null, 0);
    if ((await server.read(accepted, 16)).toString() !== 'hello') throw new Error('another word arrived');
  });
}

/** The same from the server on: bind(2) is refused already when nobody has the address. */
function talk(server: Process, client: Process, address: Buffer): Promise<string> {
  return outcome(async () => {
    const { fd, address: bound } = await listen(server, address);
    const answer = await exchange(server, client, fd, bound);
    if (answer !== 'OK') throw new Error(answer);
  });
}

async function outcome(work: Promise<unknown> | (() => Promise<unknown>)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
    return 'OK';
  } catch (error) {
    if (!(error instanceof SyscallError)) return (error as Error).message;
    return typeof work === 'function' ? `${error.syscall}: ${error.code}` : error.code;
  }
}

const texts = (...calls: ({ text: string } | undefined)[]) => calls.flatMap(call => call?.text ?? []).join('\n');

/** The call of this name that was refused with this errno, when that is why the task failed. */
function refusal({ error, trace }: Evidence, name: string, ...codes: string[]) {
  if (error?.error?.syscall !== name || !codes.includes(error.error.code ?? '')) return undefined;
  return trace.findLast(call => call.name === name && codes.includes(call.code ?? ''));
}

/** Where the steps are in the trace; -1 for one that was not made. */
const places = ({ index }: Evidence) => ({
  users: index('unshare', /CLONE_NEWUSER/),
  network: index('unshare', /CLONE_NEWNET/),
  socket: index('socket'),
  sysfs: index('mount', /"sysfs"/),
  up: index('ioctl', /SIOCSIFFLAGS.* = 0$/),
});

diagnosis('mounts-are-not-networks', evidence => {
  const unshare = evidence.find('unshare', /CLONE_NEWNS/);
  const second = evidence.trace.findLast(call => call.name === 'unshare' && /CLONE_NEWNS/.test(call.text));
  if (!unshare || unshare === second || places(evidence).network >= 0) return null;
  return {
    kernel: texts(second),
    means: 'CLONE_NEWNS was the first namespace of all, in 2002, and so got the name of all. It is the one of mounts.',
    look: 'unshare(2), CLONE_NEWNET',
  };
});

diagnosis('join-after-users', evidence => {
  const closed = refusal(evidence, 'openat', 'EACCES');
  const failed = refusal(evidence, 'setns', 'EPERM') ?? (closed?.text.includes('/ns/net') ? closed : undefined);
  const { users } = places(evidence);
  if (!failed || users < 0 || evidence.trace.indexOf(failed) < users) return null;
  return {
    kernel: texts(evidence.trace[users], failed),
    means:
      'The order is wrong. Since the first call it is root of its own user namespace, and of no other; the network that it wants ' +
      'to enter belongs to somebody else. Before, it was the host’s root.',
    look: 'README, “Somebody else’s” · setns(2), ERRORS: EPERM',
  };
});

diagnosis('another-kind', evidence => {
  const failed = refusal(evidence, 'setns', 'EINVAL');
  if (!failed) return null;
  return {
    kernel: failed.text,
    means:
      'The descriptor is a namespace, and of another kind than the flag says. Which flag made the one that is to be joined?',
    look: 'setns(2), nstype',
  };
});

diagnosis('no-such-descriptor', evidence => {
  const failed = refusal(evidence, 'setns', 'EBADF');
  if (!failed) return null;
  const node = /\b(openSync|open)\(/.test(evidence.source.replace(/box\.open\(/g, ''));
  return {
    kernel: failed.text,
    means: node
      ? 'Node has opened that file, in its own process. The box has other descriptors: whoever makes the call must have opened it.'
      : 'setns wants a descriptor, and a process’s number is none. What can be opened that stands for one of its namespaces?',
    look: 'setns(2) · proc_pid_ns(5)',
  };
});

diagnosis(
  'joined-then-left',
  evidence => {
    const joined = evidence.find('setns', /CLONE_NEWNET|, 0\) = 0/);
    const left = evidence.trace
      .slice(evidence.trace.indexOf(joined as never))
      .find(call => /CLONE_NEWNET/.test(call.text) && call.name === 'unshare');
    if (joined?.result !== 0 || !left) return null;
    return {
      kernel: texts(joined, left),
      means:
        'It has joined the other’s network, and left it again for a new one of its own. Of these two calls, each mode wants one.',
      look: 'Spec, network',
    };
  },
  ['joined', 'neighbours'],
);

diagnosis('owned-by-the-host', evidence => {
  const { users, network } = places(evidence);
  const refused = refusal(evidence, 'unshare', 'EPERM');
  const early = network >= 0 && (users < 0 || network < users);
  if (!early || (!refused && !['owner', 'system', 'loopback'].includes(evidence.task))) return null;
  return {
    kernel: `${texts(evidence.trace[network], evidence.trace[users])}\n${evidence.feedback.kernel}`,
    means:
      'The order is wrong. A namespace belongs to the user namespace in which it was made, for good: this one to the host’s. ' +
      'Root inside may not configure it, nor mount a /sys that shows it.',
    look: 'README, “Whose it is”',
  };
});

diagnosis(
  'sys-before-network',
  evidence => {
    const { sysfs, network } = places(evidence);
    if (sysfs < 0 || network < sysfs) return null;
    return {
      kernel: `${texts(evidence.trace[sysfs], evidence.trace[network])}\n${evidence.feedback.kernel}`,
      means:
        'The order is wrong. A sysfs shows the network that its maker was in when it was mounted, and goes on showing it.',
      look: 'README, “Whose it is”',
    };
  },
  ['system'],
);

diagnosis('socket-of-the-host', evidence => {
  const { socket, network, up } = places(evidence);
  if (socket < 0 || network < socket || (up >= 0 && up < network)) return null;
  return {
    kernel: texts(evidence.trace[socket], evidence.trace[network], evidence.find('ioctl', /SIOCSIFFLAGS/)),
    means:
      'The order is wrong. A socket belongs to the network in which it was made, and stays in it: this one asks about the ' +
      'host’s lo.',
    look: 'network_namespaces(7)',
  };
});

diagnosis('up-before-network', evidence => {
  const { up, network } = places(evidence);
  const refused = refusal(evidence, 'ioctl', 'EPERM');
  if (refused ? network >= 0 : up < 0 || network < up) return null;
  return {
    kernel: refused
      ? texts(refused)
      : `${texts(evidence.trace[up], evidence.trace[network])}\n${evidence.feedback.kernel}`,
    means:
      'The order is wrong. The process is still in the host’s network, and this is the host’s lo: up already, and not the ' +
      'container’s to configure.',
    look: 'README, “Switched off”',
  };
});

diagnosis('no-such-interface', evidence => {
  const failed = refusal(evidence, 'ioctl', 'ENODEV');
  if (!failed) return null;
  return {
    kernel: failed.text,
    means: 'There is no interface of that name here. The request begins with it, and what follows it must be zeros.',
    look: 'netdevice(7), struct ifreq',
  };
});

diagnosis(
  'flags-not-set',
  evidence => {
    const asked = evidence.find('ioctl', /SIOCGIFFLAGS/);
    if (!asked || places(evidence).up >= 0) return null;
    return {
      kernel: `${texts(asked)}\n${evidence.feedback.kernel}`,
      means:
        'The flags were asked for, and a bit changed in your copy of them. The interface hears of it only by the other request.',
      look: 'netdevice(7), SIOCSIFFLAGS',
    };
  },
  ['loopback'],
);

diagnosis(
  'up-bit-missing',
  evidence => {
    const set = evidence.find('ioctl', /SIOCSIFFLAGS.* = 0$/);
    if (!set || /IFF_UP/.test(set.text)) return null;
    return {
      kernel: `${texts(set)}\n${evidence.feedback.kernel}`,
      means:
        'Flags have been set, and the one for ‘up’ is not among them. They are the two bytes right behind the 16 of the name.',
      look: 'netdevice(7), struct ifreq',
    };
  },
  ['loopback'],
);

diagnosis(
  'loopback-down',
  evidence => {
    const { network, up } = places(evidence);
    if (network < 0 || up >= 0 || evidence.error) return null;
    return {
      kernel: `${texts(evidence.trace[network])}\n${evidence.feedback.kernel}`,
      means:
        'A new network namespace has a loopback, which is down: there is no 127.0.0.1 until somebody brings it up.',
      look: 'README, “Switched off”',
    };
  },
  ['loopback'],
);

diagnosis(
  'default-is-the-host',
  ({ feedback, find, source }) =>
    /no word about/.test(feedback.did) &&
    find('unshare') &&
    !find('unshare', /CLONE_NEWNET/) &&
    /NEWNET/.test(source) && {
      means:
        'Only for whoever says so does your code make a network. The others, who said nothing, get the host’s: the wide one is the default.',
      look: 'Spec, network',
    },
);

diagnosis(
  'host-left',
  ({ feedback, find }) => {
    const unshare = find('unshare', /CLONE_NEWNET/);
    return (
      unshare &&
      /network: 'host'/.test(feedback.did) && {
        kernel: `${unshare.text}\n${feedback.kernel}`,
        means: 'There are modes for which no namespace is to be made, and this is one.',
        look: 'Spec, network',
      }
    );
  },
  ['host-mode'],
);

diagnosis(
  'refusal-swallowed',
  ({ source, trace, feedback }) => {
    const failed = trace.find(call => call.result !== null && call.result < 0 && /2147483646/.test(call.text));
    return (
      failed &&
      /\bcatch\b/.test(source) && {
        kernel: `${failed.text}\n${feedback.kernel}`,
        means:
          'The kernel has refused, and your code went on without. Now the container has another network than was asked for.',
        look: 'every `catch` in your file',
      }
    );
  },
  ['gone'],
);
