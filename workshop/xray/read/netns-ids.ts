// Which network namespace an interface's other end is in. A namespace has numbers for others that it has to do with, and the kernel
// can be asked which number one of them has: rtnetlink(7), RTM_GETNSID; include/uapi/linux/net_namespace.h
import { AF, CLONE, into, Process, SOCK } from '#linux';

const [RTM_NEWNSID, RTM_GETNSID] = [88, 90];
const [NETNSA_NSID, NETNSA_PID] = [1, 2];

/** Asks in the network of `net`: the number that the network of each of `pids` has there; -1 for none. */
export async function netnsIds(net: number, pids: number[]): Promise<Map<number, number>> {
  const hand = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'], trace: false });
  try {
    await enter(hand, net);
    const socket = await hand.syscall('socket', AF.NETLINK, SOCK.RAW, 0);
    const ids = new Map<number, number>();
    for (const pid of pids) ids.set(pid, await idOf(hand, socket, pid));
    return ids;
  } finally {
    await hand.end();
  }
}

/** An ordinary user comes in only by way of the user namespace that the network belongs to. */
async function enter(hand: Process, net: number): Promise<void> {
  const network = await hand.open(`/proc/${net}/ns/net`);
  if (process.geteuid?.() !== 0) await hand.setns(await hand.open(`/proc/${net}/ns/user`), CLONE.NEWUSER);
  await hand.setns(network, CLONE.NEWNET);
}

async function idOf(hand: Process, socket: number, pid: number): Promise<number> {
  // struct nlmsghdr, struct rtgenmsg with padding, one attribute. netlink(7)
  const request = Buffer.alloc(28);
  request.writeUInt32LE(28, 0);
  request.writeUInt16LE(RTM_GETNSID, 4);
  request.writeUInt16LE(1, 6);
  request.writeUInt16LE(8, 20);
  request.writeUInt16LE(NETNSA_PID, 22);
  request.writeUInt32LE(pid, 24);
  await hand.write(socket, request);
  const answer = Buffer.alloc(4096);
  const size = await hand.syscall('recvfrom', socket, into(answer), answer.length, 0, null, null);
  // An error is one that has ended since.
  if (answer.readUInt16LE(4) !== RTM_NEWNSID) return -1;
  for (let at = 20; at + 8 <= size; at += (answer.readUInt16LE(at) + 3) & ~3) {
    if (answer.readUInt16LE(at + 2) === NETNSA_NSID) return answer.readInt32LE(at + 4);
    if (answer.readUInt16LE(at) < 4) break;
  }
  return -1;
}
