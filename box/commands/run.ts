// `box run`: a command in a container of an image.
import { mkdirSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { exitStatus, failureStatus } from '#01-process';
import { contain, processOf } from '#15-oci-image';
import { ImageError, whileRunning } from '#images';
import { type Process, SyscallError } from '#linux';
import { type RegistryOptions, registryCommand, requireWay, type StoreOptions, storeFolder } from '../common.ts';
import { findImage } from '../image.ts';

interface RunOptions extends StoreOptions, RegistryOptions {
  env: Record<string, string>;
  entrypoint?: string;
  user?: string;
  workdir?: string;
  hostname?: string;
  network: 'none' | 'host' | 'bridge';
  publish: { hostPort: number; containerPort: number; protocol: 'tcp' | 'udp' }[];
  readOnly?: true;
  init?: true;
}

export function register(program: Command): void {
  program.addCommand(
    registryCommand('run', 'run a command in a container of an image')
      .argument('<name>', 'an image of the store or of a registry, or oci:FOLDER:NAME')
      .argument('[command...]', 'in place of the image’s; its entrypoint stays')
      .option('-e, --env <name=value>', 'a variable; without =value, the one of this shell', collectEnv, {})
      .option('--entrypoint <program>', 'in place of the image’s')
      .option('-u, --user <user>', 'name, uid, name:group or uid:gid, in place of the image’s')
      .option('-w, --workdir <folder>', 'in place of the image’s; made when it is missing')
      .option('--hostname <name>', 'the container’s')
      .addOption(new Option('--network <which>', 'its network').choices(['none', 'host', 'bridge']).default('none'))
      .option(
        '-p, --publish <host:container>',
        'a port of the host that leads in; with --network bridge',
        collectPort,
        [],
      )
      .option('--read-only', 'nothing of the image can be written')
      .option('--init', 'an init as process 1, which reaps and passes signals on')
      .option('--platform <os/arch>', 'of a machine other than this one: linux/arm64')
      .passThroughOptions()
      .action(run),
  );
}

async function run(name: string, command: string[], options: RunOptions): Promise<void> {
  const { env, entrypoint, user, workdir: cwd, hostname, network, publish, readOnly, init } = options;
  const folder = storeFolder(options);
  requireWay(folder);
  const image = await findImage(name, options);
  const containers = `${folder}/containers`;
  mkdirSync(containers, { recursive: true });
  const asked = {
    ...(command.length > 0 && { command }),
    ...(entrypoint !== undefined && { entrypoint: entrypoint === '' ? [] : [entrypoint] }),
    ...(user !== undefined && { user }),
    ...(cwd !== undefined && { cwd }),
    ...(hostname !== undefined && { hostname }),
    ...(publish.length > 0 && { publish }),
    ...{ env, network, readOnly: readOnly ?? false, init: init ?? false },
  };
  const [program] = processOf(image.config, asked).command;
  try {
    process.exitCode = await whileRunning(folder, async () => {
      const box = await contain({ image, store: `${folder}/layers`, containers, ...asked });
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const)
        process.on(signal, () => forward(box, signal));
      return exitStatus(box);
    });
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    // As shells say it: 127 for no such command, 126 for one that cannot be executed; 125 when it is not the command's fault.
    process.exitCode = error.syscall === 'execve' ? failureStatus(error) : 125;
    console.error(`box: ${error.syscall === 'execve' ? `${program}: ${error.meaning}` : error.message}`);
  }
}

/** What keys on a terminal send reaches the container too, so that passing it on would send it twice. */
function forward(box: Process, signal: NodeJS.Signals): void {
  const byKey = ['SIGINT', 'SIGQUIT', 'SIGWINCH'].includes(signal);
  if (!byKey || !process.stdin.isTTY) box.kill(signal);
}

function collectEnv(text: string, all: Record<string, string>): Record<string, string> {
  const [name = '', ...value] = text.split('=');
  const given = value.length > 0 ? value.join('=') : process.env[name];
  return given === undefined ? all : { ...all, [name]: given };
}

function collectPort(text: string, all: RunOptions['publish']): RunOptions['publish'] {
  const [, host, container, protocol = 'tcp'] = /^(\d+):(\d+)(?:\/(tcp|udp))?$/.exec(text) ?? [];
  if (container === undefined)
    throw new ImageError(`--publish ${text} names no two ports`, 'write it like 8080:80, or 5353:53/udp');
  return [...all, { hostPort: Number(host), containerPort: Number(container), protocol: protocol as 'tcp' | 'udp' }];
}
