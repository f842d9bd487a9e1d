// `box` on the sandbox's host: starts the learner's container with a command in it, and ends as the command ends.
//   box LESSON-FILE [--read-only] [--hostname NAME]… CMD ARGS…       (the script in the PATH fills in the first)
import { pathToFileURL } from 'node:url';
import { Process, SyscallError } from '#linux';
import { home } from '../paths.ts';
import { stateFolder } from './state.ts';
import { bindInto } from './volume.ts';

/** How an option's value is read: `--name VALUE` or `--name=VALUE`. A `flag` has none. */
const kinds = {
  flag: null,
  text: (value: string): unknown => value,
  number: (value: string): unknown => Number(value),
  /** `65536`, `64k`, `64m`, `1g` */
  bytes: (value: string): unknown =>
    Number.parseInt(value, 10) * 1024 ** ' kmg'.indexOf(/[kmg]$/.exec(value.toLowerCase())?.[0] ?? ' '),
  json: (value: string): unknown => JSON.parse(value),
  /** `0.5`, as Docker's --cpus: half of one, in µs of each 100,000. */
  cpus: (value: string): unknown => Math.round(Number(value) * 100_000),
  /** Seconds, as unshare(1) takes them. */
  boottime: (value: string): unknown => ({ boottime: { secs: Number(value) } }),
  /** `8080:80` or `5353:53/udp`: the host's, the container's */
  ports(value: string): unknown {
    const [, hostPort, containerPort, protocol = 'tcp'] = /^(\d+):(\d+)(?:\/(tcp|udp))?$/.exec(value) ?? [];
    return [{ hostPort: Number(hostPort), containerPort: Number(containerPort), protocol }];
  },
  /** `0:100000:65536`, as podman's: id inside, id on the host, how many */
  mapping: (value: string): unknown => {
    const [containerID, hostID, size] = value.split(':').map(Number);
    return [{ containerID, hostID, size }];
  },
  /** `/on/the/host:/inside`, mounted before the command starts */
  volume: (value: string): unknown => {
    const [source = '', target = ''] = value.split(':');
    return (box: Process) => bindFor(box, source, target);
  },
  /** `CAP_CHOWN,CAP_KILL`; none when empty */
  list: (value: string): unknown => value.split(',').filter(Boolean),
  /** The program alone, as Docker's --entrypoint. */
  program: (value: string): unknown => [value],
};

/** Option → what it is in the spec (`a.b` is a field of a field), and how it is read. */
const options: Record<string, [key: string, kind: keyof typeof kinds]> = {
  '--image': ['image', 'text'],
  '--entrypoint': ['entrypoint', 'program'],
  '--workdir': ['cwd', 'text'],
  '--escape': ['inside', 'flag'],
  '--read-only': ['readOnly', 'flag'],
  '--hostname': ['hostname', 'text'],
  '--domainname': ['domainname', 'text'],
  '--boottime': ['timeOffsets', 'boottime'],
  '--network': ['network', 'text'],
  '--publish': ['publish', 'ports'],
  '--shm-size': ['shmSize', 'bytes'],
  '--init': ['init', 'flag'],
  '--cgroup': ['cgroup', 'text'],
  '--memory': ['resources.memory.max', 'bytes'],
  '--cpus': ['resources.cpu.quota', 'cpus'],
  '--pids-limit': ['resources.pids', 'number'],
  '--uidmap': ['uidMappings', 'mapping'],
  '--gidmap': ['gidMappings', 'mapping'],
  '--volume': ['inside', 'volume'],
  '--capabilities': ['capabilities', 'list'],
  '--ambient': ['ambient', 'list'],
  '--user': ['user', 'text'],
  '--no-new-privileges': ['noNewPrivileges', 'json'],
  '--seccomp': ['seccomp', 'json'],
  '--landlock': ['landlock', 'json'],
};

const [file = '', ...rest] = process.argv.slice(2);
const given: Record<string, unknown> = {};
while (rest[0]?.startsWith('--')) {
  const [option = '', ...inline] = rest.shift()?.split(/=(.*)/s) ?? [];
  if (option === '--') break;
  const [key, kind] =
    options[option] ?? stop(`there is no option ${option}, but ${Object.keys(options).join(', ')}`, 2);
  const read = kinds[kind];
  put(given, key.split('.'), read ? read(inline[0] ?? rest.shift() ?? stop(`${option} wants a value`, 2)) : true);
}
if (rest.length === 0 && !given.image) stop('what shall run in it? box [OPTIONS] CMD ARGS…', 2);

/** All that any lesson's contain() takes; each takes what it knows. */
const spec = {
  command: rest,
  rootfs: `${stateFolder}/images/base`,
  layers: [`${stateFolder}/images/base`],
  containers: `${stateFolder}/containers`,
  ...given,
  ...(given.inside === true && { inside: await lastInside() }),
};

const lesson = await import(pathToFileURL(file).href);
/** Lesson 01's, or what it became: how a shell would say it. */
const { exitStatus, failureStatus } = lesson.exitStatus ? lesson : await import('#01-process');

try {
  const box: Process = await lesson.contain({ ...spec, ...(lesson.openImage ? await ofImage() : byNumbers()) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    process.on(signal, () => forward(box, signal));
  process.exitCode = (await exitStatus(box)) ?? 0;
} catch (error) {
  explain(error);
}

/** Lesson 15's: `LAYOUT:NAME`, opened by its own function. What the command line leaves out, the image says. */
async function ofImage(): Promise<object> {
  const named = String(given.image ?? (await (await import('./base-image.ts')).baseLayout()));
  const [, layout = '', name] = /^(.*?)(?::([^/]*))?$/.exec(named) ?? [];
  const command = rest.length > 0 ? rest : undefined;
  return { image: await lesson.openImage(layout, name), store: `${stateFolder}/layers`, command };
}

/** Before it, nobody looks up names: `1000:100`, user and group. */
function byNumbers(): object {
  if (given.user === undefined) return {};
  const [uid = 0, gid = uid] = String(given.user).split(':').map(Number);
  return { user: { uid, gid } };
}

function put(into: Record<string, unknown>, [key = '', ...below]: string[], value: unknown): void {
  const field = (into[key] ?? {}) as Record<string, unknown>;
  if (below.length > 0) put(field, below, value);
  into[key] = below.length > 0 ? field : value;
}

/** What keys on a terminal send reaches the container too, so that passing it on would send it twice. */
function forward(box: Process, signal: NodeJS.Signals): void {
  const byKey = signal === 'SIGINT' || signal === 'SIGQUIT';
  if (!byKey || !process.stdin.isTTY) box.kill(signal);
}

async function lastInside(): Promise<unknown> {
  const from = file.includes('/02-chroot/') ? pathToFileURL(file).href : '#02-chroot';
  return (await import(from)).climbOut;
}

async function bindFor(box: Process, source: string, target: string): Promise<void> {
  const helper = await Process.start();
  try {
    await bindInto(helper, box.pid, source, target);
  } finally {
    await helper.end();
  }
}

/** The learner's error: the kernel's words and the learner's line, no more. */
function explain(error: unknown): never {
  if (error instanceof SyscallError && error.syscall === 'execve') {
    stop(`${rest[0]}: ${error.meaning}`, failureStatus(error) ?? 1);
  }
  if (!(error instanceof Error)) stop(String(error), 1);
  const line = error.stack?.split('\n').find(each => each.includes('/lessons/'));
  const where = /(lessons\/[^:?]+)[^:]*:(\d+)/.exec(line?.replace(home, '') ?? '');
  stop(error.message + (where ? ` (${where[1]}:${where[2]})` : ''), 1);
}

function stop(message: string, status: number): never {
  console.error(`box: ${message}`);
  process.exit(status);
}
