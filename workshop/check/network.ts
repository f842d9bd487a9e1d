// Networks for checks: namespaces inside the sandbox that stand in for other hosts and for the internet, and a process of
// ours that goes from one to the other and makes sockets there. Nothing leaves the sandbox.
import { randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { AF, CLONE, into, PR, type Process, readStatus, SOCK, SyscallError } from '#linux';
import type { Box, Context } from './context.ts';

export const aPort = () => randomInt(20_000, 30_000);

/** A container, the host, or a process in whose network it is, by its number in the sandbox. */
export type Net = Box | 'host' | number;

/** A process's number in the sandbox. */
export const insideNumber = (pid: number) => readStatus(pid).nsPids[1] ?? 0;
const pidOf = (net: Net) => (net === 'host' ? 1 : typeof net === 'number' ? net : net.status().nsPids[1]);

/** What the kernel says of the container's addresses: the local ones of its routing tables, but for the loopback's. */
export function addressesOf(box: Box): { v4: string | undefined; v6: string | undefined } {
  const trie = readFileSync(`/proc/${box.pid}/net/fib_trie`, 'utf8');
  const v4 = [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address);
  const v6 = readFileSync(`/proc/${box.pid}/net/if_inet6`, 'utf8')
    .split('\n')
    .map(line => /^fd[0-9a-f]{30}/.exec(line)?.[0])
    .find(Boolean);
  return { v4: v4.find(address => !address.startsWith('127.')), v6: v6 && readable(Buffer.from(v6, 'hex')) };
}

/** Runs a command of ours on the host, and not another program of the same name that npm has brought. */
export async function run(t: Context, command: string[], input = ''): Promise<string> {
  const path = 'PATH=/usr/sbin:/usr/bin:/sbin:/bin';
  const { status, stdout, stderr } = await t.host.run(['env', path, ...command], input);
  const failed = {
    did: `ran \`${command.join(' ')}\` on the host`,
    kernel: stderr.trim() || `it ended with ${status}`,
  };
  const means = 'This should be possible whatever a container does. Something of the host’s is gone, or in the way.';
  t.is(status, 0, { ...failed, means, diagnosis: 'check-disturbed' });
  return stdout;
}

export const inNetwork = (t: Context, net: Net, script: string) =>
  run(t, ['nsenter', `--net=/proc/${pidOf(net)}/ns/net`, 'sh', '-c', script]);
/** The outer network: one more host, which is the router too, and behind it the world. It knows no way to a container. */
export async function openOutside(t: Context) {
  const router = await t.session.sandbox.join({ stdio: ['ignore', 'ignore', 'ignore'] });
  await router.unshare(CLONE.NEWNET);
  // It was another user's a moment ago, and nobody may look at such a process. This one may be looked at.
  await router.prctl(PR.SET_DUMPABLE, 1, 0, 0, 0);
  const net = insideNumber(router.pid);
  const [link, number] = ['uplink', randomInt(3, 250)];
  const far = [`198.51.100.${number}`, `2001:db8:${number}::${number}`];
  await run(t, [
    'sh',
    '-c',
    `ip link del ${link} 2>/dev/null
    ip link add ${link} type veth peer name eth0 netns ${net}
    echo 0 >/proc/sys/net/ipv6/conf/${link}/accept_dad
    ip addr add 192.0.2.1/24 dev ${link} && ip addr add 2001:db8::1/64 dev ${link} && ip link set ${link} up`,
  ]);
  await inNetwork(
    t,
    net,
    `echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
    ip addr add 192.0.2.2/24 dev eth0; ip addr add 2001:db8::2/64 dev eth0
    ip link set lo up; ip link set eth0 up; ip addr add ${far[0]}/32 dev lo; ip addr add ${far[1]}/128 dev lo`,
  );
  await run(t, ['sh', '-c', 'ip route add default via 192.0.2.2 && ip route add default via 2001:db8::2']);
  const close = async () => {
    await run(t, ['ip', 'link', 'del', link]);
    await router.end();
  };
  return { net, link, far, near: ['192.0.2.2', '2001:db8::2'], host: ['192.0.2.1', '2001:db8::1'], close };
}

/** struct sockaddr_in and sockaddr_in6. ip(7), ipv6(7) */
function socketAddress(address: string, port: number): Uint8Array {
  const six = isIPv6(address);
  const bytes = Buffer.alloc(six ? 28 : 16);
  bytes.writeUInt16LE(six ? AF.INET6 : AF.INET);
  bytes.writeUInt16BE(port, 2);
  if (!six) bytes.set(address.split('.').map(Number), 4);
  else {
    const [head = [], tail = []] = address.split('::').map(part => part.split(':').filter(Boolean));
    const groups = [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
    for (const [i, group] of groups.entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), 8 + 2 * i);
  }
  return bytes;
}

/** Sixteen bytes, or four in the sixteen, as one writes them. */
function readable(bytes: Buffer): string {
  if (bytes.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
}

/** A process of ours that enters one network after the other: a socket stays in the one in which it was made. */
export async function travel<T>(
  t: Context,
  journey: (visitor: Awaited<ReturnType<typeof traveller>>) => Promise<T>,
): Promise<T> {
  const box = await t.session.sandbox.join({ stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    return await journey(await traveller(t, box));
  } finally {
    await box.end();
  }
}

/** Seconds: whoever asks for an address at a port that was not yet up asks again after one. arp(7), retrans_time_ms */
const answered = 2;

async function traveller(t: Context, box: Process) {
  const home = await box.open('/proc/self/ns/net');
  // Who waits for less than a second waits for what is not to come.
  const longest = (wait: number) => (wait < 1 ? wait : Math.max(wait, t.session.slowness));
  const open = async (net: Net, kind: number, family: number = AF.INET6, given = answered) => {
    const wait = longest(given);
    const namespace = net === 'host' ? home : await box.open(`/proc/${pidOf(net)}/ns/net`);
    await box.setns(namespace, CLONE.NEWNET);
    if (namespace !== home) await box.close(namespace);
    const socket = await box.syscall('socket', family, kind | SOCK.CLOEXEC, 0);
    // SOL_SOCKET, SO_RCVTIMEO and SO_SNDTIMEO, struct timeval
    const time = new Uint8Array(
      BigInt64Array.of(BigInt(Math.floor(wait)), BigInt(Math.round((wait % 1) * 1e6))).buffer,
    );
    for (const option of [20, 21]) await box.syscall('setsockopt', socket, 1, option, time, 16);
    return socket;
  };
  const listen = async (net: Net, port: number, wait = answered) => {
    const socket = await open(net, SOCK.STREAM, AF.INET6, wait);
    await box.syscall('bind', socket, socketAddress('::', port), 28);
    await box.syscall('listen', socket, 8);
    return socket;
  };
  const accept = async (server: number) => {
    const [peer, size] = [Buffer.alloc(28), Buffer.alloc(4)];
    size.writeUInt32LE(28);
    const socket = await box.syscall('accept4', server, into(peer), into(size), 0);
    return { socket, peer: readable(peer.subarray(8, 24)) };
  };
  /** Sends so many bytes to a server of ours there: 'OK' when all have arrived, with who sent them as the server sees it. */
  const send = async (
    from: Net,
    to: Net,
    address: string,
    given = 0,
    listening = given,
    wait = isIPv6(address) ? 3 : answered,
    size = 8,
  ) => {
    const port = given || aPort();
    const fds = [await listen(to, listening || port, wait)];
    try {
      const client = await open(from, SOCK.STREAM, isIPv6(address) ? AF.INET6 : AF.INET, wait);
      fds.push(client);
      const target = socketAddress(address, port);
      await box.syscall('connect', client, target, target.length);
      const { socket, peer } = await accept(fds[0] ?? -1);
      fds.push(socket);
      const text = randomBytes(size);
      await box.write(client, text);
      for (let read = Buffer.alloc(0); ; ) {
        const more = await box.read(socket, 65_536);
        read = Buffer.concat([read, more]);
        if (read.equals(text)) return { answer: 'OK', peer };
        if (more.length === 0 || read.length > size) return { answer: 'something else arrived' };
      }
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      const slow = ['EINPROGRESS', 'EAGAIN'].includes(error.code);
      return { answer: slow ? `nothing for ${longest(wait)} s` : error.code };
    } finally {
      for (const fd of fds) await box.close(fd);
    }
  };
  /** How much of a datagram of so many bytes arrives, in bytes. */
  const sendDatagram = async (from: Net, to: Net, address: string, size: number, port = aPort(), listening = port) => {
    const target = socketAddress(address, port);
    const server = await open(to, SOCK.DGRAM);
    await box.syscall('bind', server, socketAddress('::', listening), 28);
    const client = await open(from, SOCK.DGRAM, isIPv6(address) ? AF.INET6 : AF.INET);
    try {
      await box.syscall('sendto', client, randomBytes(size), size, 0, target, target.length);
      return (await box.read(server, size)).length;
    } catch (error) {
      if (error instanceof SyscallError) return 0;
      throw error;
    } finally {
      for (const fd of [server, client]) await box.close(fd);
    }
  };
  return { box, open, listen, accept, send, sendDatagram };
}

/** A server for one name: an answer to each question about it, of one record A. RFC 1035, section 4 */
export async function answerNames(
  t: Context,
  net: Net,
  at: string,
  name: string,
  address: string,
): Promise<() => Promise<void>> {
  const process = await t.session.sandbox.join({ stdio: ['ignore', 'ignore', 'inherit'] });
  const { open } = await traveller(t, process);
  const socket = await open(net, SOCK.DGRAM, AF.INET, 10);
  await process.syscall('bind', socket, socketAddress(at, 53), 16);
  const serve = async () => {
    for (;;) {
      const [question, from, size] = [Buffer.alloc(512), Buffer.alloc(16), Buffer.from([16, 0, 0, 0])];
      const length = await process.syscall('recvfrom', socket, into(question), 512, 0, into(from), into(size));
      const labels = name.split('.').map(label => `${String.fromCharCode(label.length)}${label}`);
      const known = question.includes(Buffer.from(labels.join('')));
      const isA = question.readUInt16BE(length - 4) === 1;
      // Flags: an answer, recursion available; 3: no such name. One question, and one record or none.
      const head = Buffer.from([0x81, known ? 0x80 : 0x83, 0, 1, 0, known && isA ? 1 : 0, 0, 0, 0, 0]);
      const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
      const parts = [question.subarray(0, 2), head, question.subarray(12, length), ...(known && isA ? [record] : [])];
      const reply = Buffer.concat(parts);
      await process.syscall('sendto', socket, reply, reply.length, 0, from, 16);
    }
  };
  serve().catch(() => {});
  return async () => void (await process.end());
}
