// What each part of a drawing means, in a sentence or two by somebody who built it, and the lesson in which you build it. It lies here
// because the page loads it; draw/ uses it as well.
import { capabilities } from './capabilities.ts';
import { calls } from './explain-calls.ts';

export interface Explanation {
  text: string;
  /** '05' */
  lesson: string;
}

const said: Record<string, [lesson: string, text: string]> = {
  node: [
    '01',
    'Node has many threads, and much of what makes a container belongs to one thread. So Node makes none of these calls itself: it tells a small process what to call, and waits for the answer.',
  ],
  wire: [
    '01',
    'A socket, descriptor 3 of the helper. Each system call goes down it and its result comes back; it is closed by execve, and that silence is how Node learns that the command has begun.',
  ],
  helper: [
    '01',
    'A small C program with one thread. It makes the calls that it is told, one at a time, and becomes the container by what they do to it.',
  ],
  supervisor: [
    '08',
    'After clone its child has the wire. The parent stays outside the new pid namespace, passes signals on, waits for the child, and ends with the same status.',
  ],
  execve: [
    '01',
    'The last call. The process keeps its number, its namespaces and its limits, and gets another program: from here on it is the command.',
  ],
  command: [
    '01',
    'The words that the command was started with, read from /proc/PID/cmdline. Nothing in the kernel calls it a container.',
  ],
  state: [
    '01',
    'As the scheduler sees it. A shell that waits for you to type is asleep; a zombie has ended, and only its status is left for its parent.',
  ],
  pid: [
    '08',
    'A process has one number in each pid namespace from the outermost to its own. From outside it is a process like any other: you can look at it and kill it.',
  ],
  'pid-1': [
    '08',
    'The first process of a pid namespace. When it ends, the kernel kills all others in it; orphans become its children, and signals that it does not handle do not reach it from inside.',
  ],
  processes: [
    '08',
    'Processes that it has started, or that share its pid namespace. Inside, /proc shows these and no others.',
  ],
  zombie: [
    '08',
    'It has ended, and nobody has asked how. Process 1 must wait for orphans like this one, or they fill the table.',
  ],
  user: [
    '09',
    'The kernel checks permissions with the number outside. Inside, it is translated by the map: root in here may be an ordinary user, or nobody, out there.',
  ],

  'namespace:mnt': [
    '03',
    'The list of what is mounted where. With its own, a mount inside stays inside, once propagation is private.',
  ],
  'namespace:uts': [
    '06',
    'Host name and domain name. Its name comes from the days of uname’s “Unix Time-sharing System”.',
  ],
  'namespace:ipc': [
    '07',
    'System V shared memory, semaphores and queues, and POSIX message queues. Shared with the host, any process there with the right key could read them.',
  ],
  'namespace:net': [
    '12',
    'Links, addresses, routes, rules, sockets and the names of abstract sockets. A new one has lo alone, and that is down.',
  ],
  'namespace:pid': [
    '08',
    'A table of process numbers that begins at 1. It holds for children: whoever unshares it stays outside, so it takes a clone.',
  ],
  'namespace:cgroup': ['10', 'Where the tree of cgroups begins for it. It limits nothing; it hides the path outside.'],
  'namespace:user': [
    '09',
    'A map of users and groups, and the owner of the other namespaces. It is the one that anybody may make, and in it you are root.',
  ],
  'namespace:time': ['11', 'Offsets of the monotonic clock and of the time since boot. The date stays the machine’s.'],

  'mount:root': [
    '05',
    'The top of its tree. After pivot_root and an unmount of what lay over it, no path leads out, not even for root.',
  ],
  'mount:kernel': [
    '03',
    'A window into the kernel: proc, sysfs, cgroup, mqueue. These files are made when you read them, and some of them change the machine when you write.',
  ],
  'mount:memory': [
    '03',
    'A tmpfs: files in memory, gone with the last mount. What is in it counts against the memory limit.',
  ],
  'mount:bind': [
    '03',
    'A file or folder that is somewhere else too, seen here a second time. Writing here is writing there: check that it is ro where it should be.',
  ],
  'mount:mask': [
    '05',
    'Something empty, laid over a file or folder of the kernel that a container should not read. /dev/null over a file, an empty tmpfs over a folder.',
  ],
  'mount:device': [
    '03',
    'One device file of the host, bound here. In a user namespace nobody may make a device, but one that is there may be bound.',
  ],
  'mount:other': ['03', 'Another file system. The flags tell what may be done in it: ro, nosuid, nodev, noexec.'],

  overlay: [
    '04',
    'Several folders that look like one. Reading goes down to the first layer that has the file; writing stays in the upper one.',
  ],
  merged: ['04', 'What the process sees: the layers, looked at from above.'],
  upper: [
    '04',
    'The one layer that is written. All changes are here, and when the container is thrown away, this folder is what is thrown away.',
  ],
  lower: [
    '04',
    'Only read, so a hundred containers may stand on the same folder. What looks like a change to it is a copy in the upper layer.',
  ],
  'file:new': ['04', 'It was made in the container. No layer below has one of that name.'],
  'file:changed': [
    '04',
    'It lay in a lower layer. The first write copied it up, whole, and the copy hides the original.',
  ],
  'file:whiteout': [
    '04',
    'It was removed. A lower layer cannot be written, so the upper one says “not there”: a character device 0, 0 of that name.',
  ],
  'file:opaque': [
    '04',
    'The folder was removed and made anew. An attribute on it says that nothing of the folder below shines through.',
  ],
  'file:lower': ['04', 'Nobody has touched it: what is read is the image’s own file.'],

  'id-map': [
    '09',
    'A line of /proc/PID/uid_map or gid_map: first number inside, first number outside, how many. It is written once, from outside, and holds for good.',
  ],
  'root-outside': [
    '09',
    'The host’s root is not in the map. Files of his belong to nobody in here, and no process here can become him.',
  ],
  setgroups: [
    '09',
    'An ordinary user may map his group only after this is set to deny. Else one could leave a group that exists to keep its members out of a file.',
  ],

  cgroup: [
    '10',
    'The folder in which the kernel counts and limits these processes together. Children are born in their parent’s cgroup, so nobody escapes by fork.',
  ],
  'memory.max': [
    '10',
    'At this line the kernel first takes back what it can, such as cached files; when that is not enough, it kills.',
  ],
  'memory.high': ['10', 'Above it processes are slowed down and made to give back memory, but nobody is killed.'],
  'memory.peak': [
    '10',
    'The most that was ever in use at once. It is the first number to look at before you set a limit.',
  ],
  'oom-kill': [
    '10',
    'The cgroup was at its limit and nothing could be taken back, so the kernel killed a process of it. The rest of the machine did not notice.',
  ],
  'cpu.max': [
    '10',
    'A quota in each period: 20000 of 100000 microseconds are 0.2 CPUs, summed over all CPUs. It holds even on an idle machine.',
  ],
  throttled: [
    '10',
    'It had used its quota and waited for the next period. The curve lies flat on the limit while that happens.',
  ],
  'cpu.weight': [
    '10',
    'Its share when others want the CPU too; 100 is usual (in version 1, 1024). Alone, it gets everything.',
  ],
  'cpu.usage': [
    '10',
    'CPU time of all its processes together since the cgroup was made, those that have ended included.',
  ],
  cpuset: ['10', 'The CPUs on which it may run at all.'],
  'pids.max': ['10', 'At this many processes and threads fork fails with EAGAIN. It is what stops a fork bomb.'],
  frozen: [
    '10',
    'All of its processes are stopped where they stand, and none can tell. It is how a container is paused.',
  ],

  'network:host': [
    '12',
    'It shares the host’s network namespace: the same addresses, the same ports, and every server that listens on the host’s loopback.',
  ],
  isolated: ['12', 'A new network namespace has lo and nothing else. It is safe, and nobody is there.'],
  'link:loopback': [
    '12',
    'Each network has its own. 127.0.0.1 in here is not the host’s 127.0.0.1; and in a new namespace you must bring it up.',
  ],
  'link:veth': [
    '13',
    'One end of a wire. What goes in here comes out at the other end; both must be up. When one goes, so does the other.',
  ],
  'link:bridge': ['13', 'A bridge of its own, in its own network.'],
  'link:macvlan': [
    '13',
    'One more hardware address on the host’s own card: to the network outside, it is one more machine.',
  ],
  'link:vxlan': ['13', 'A tunnel in UDP packets: it makes one switch of two hosts.'],
  'link:other': ['12', 'A network link that has no picture of its own here.'],
  peer: ['13', 'The host’s end of the wire. Move it into a bridge, and the container is on a switch with the others.'],
  port: ['13', 'The end of somebody else’s wire in the same bridge. These two can talk without the host’s routing.'],
  bridge: ['13', 'A switch in the kernel. Its own address is the gateway of those who are plugged into it.'],
  route: ['12', 'Where packets go next. Without a default route it can talk to its neighbours and to nobody else.'],
  listening: [
    '13',
    'A socket that waits for others, in this network namespace. From outside it is reached only if a rule or a route leads here.',
  ],
  'rule:masquerade': [
    '13',
    'On the way out the source address becomes the host’s, for out there nobody knows the container’s. The answer finds its way back by the connection that the kernel remembers.',
  ],
  'rule:dnat': [
    '13',
    'A published port: what arrives for the host there gets the container’s address and port, before the kernel decides where it goes.',
  ],
  'rule:other': [
    '13',
    'A rule of the host that speaks of this network. The count is of what it has matched since it was made.',
  ],
  world: ['13', 'What the host can reach. Out there the host speaks for the container.'],

  image: ['15', 'A list of layers and a configuration, each named by the digest of its content.'],
  'layer:shared': [
    '15',
    'The same digest is the same content, so it is fetched once and stored once, whoever uses it.',
  ],
  'layer:own': ['15', 'Layers that no other image here has. Removing the image sets these bytes free, and no others.'],

  'capabilities:effective': [
    '14',
    'Root’s power is cut into some forty pieces. The kernel asks for one of these and not for “root”.',
  ],
  'capabilities:bounding': [
    '14',
    'No execve brings back what is gone from this set, not even of a setuid program. It is why you drop from it first.',
  ],
  'capabilities:ambient': [
    '14',
    'Ambient ones are kept through execve by somebody who is not root; each must be inheritable too.',
  ],
  'no-new-privileges': [
    '14',
    'Set once, it is never taken back: no setuid program gives anybody more. Without CAP_SYS_ADMIN it must be set before a filter is installed.',
  ],
  seccomp: [
    '14',
    'A small program in the kernel that looks at each system call, its number and its arguments, and says yes, no, or an errno. Filters add up, and none can be removed.',
  ],
  label: [
    '14',
    'What AppArmor or SELinux calls this process. The machine’s owner wrote the rules for that name; whoever started the container chose it.',
  ],

  call: [
    '01',
    'A system call, as strace would write it: name, arguments, result. The numbers at the right are the file and the line that asked for it.',
  ],
  'call-refused': [
    '01',
    'The kernel said no, with this errno. Some refusals are expected, a mask for a file that this kernel lacks for example; the man page’s ERRORS tells what each means.',
  ],
};

/** By the `data-explain` of the parts. */
export const explanations: Record<string, Explanation> = Object.fromEntries([
  ...Object.entries(said).map(([key, [lesson, text]]) => [key, { text, lesson }] as const),
  ...Object.entries(calls).map(([name, [lesson, text]]) => [`call:${name}`, { text, lesson }] as const),
  ...Object.entries(capabilities).map(([name, text]) => [`cap:${name}`, { text, lesson: '14' }] as const),
]);
