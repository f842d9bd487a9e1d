// Buildah, with everything that it keeps in a folder of the test's; and Podman, which runs what it is given from there.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

export interface Buildah {
  /** Builds a context under a name. Throws with what it has said. */
  build(context: string, name: string, options?: string[]): void;
  /** The image as a layout, under the name `latest`. */
  save(name: string, layout: string): void;
  /** Runs a command of Buildah's own. */
  command(args: string[]): string;
}

/** `folder` must not be on a file system that is small: it copies every layer whole. */
export function buildahIn(folder: string): Buildah {
  mkdirSync(folder, { recursive: true });
  const policy = `${folder}/policy.json`;
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}');
  const place = ['--root', `${folder}/root`, '--runroot', `${folder}/run`, '--storage-driver', 'vfs'];
  const command = (args: string[]) => {
    try {
      return execFileSync('buildah', [...place, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`buildah ${args.join(' ')}: ${stdout}${stderr}`);
    }
  };
  return {
    command,
    build(context, name, options = []) {
      const usual = [
        '--isolation',
        'chroot',
        '--format',
        'oci',
        '--signature-policy',
        policy,
        '--tag',
        `localhost/${name}`,
      ];
      command(['bud', ...usual, ...options, context]);
    },
    save(name, layout) {
      command(['push', '--signature-policy', policy, `localhost/${name}`, `oci:${layout}:latest`]);
    },
  };
}

/** What Podman's container says when it runs the image of a layout, and its status. */
export function podmanRun(folder: string, layout: string, command: string[] = []): { status: number; output: string } {
  mkdirSync(folder, { recursive: true });
  const config = `${folder}/containers.conf`;
  const limits = 'default_ulimits = ["nofile=1024:20000","nproc=9000:9000"]';
  writeFileSync(config, `[containers]\n${limits}\n[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n`);
  const place = ['--root', `${folder}/root`, '--runroot', `${folder}/run`, '--storage-driver', 'vfs'];
  const how = [
    '--runtime',
    'crun',
    '--cgroups=disabled',
    '--network',
    'none',
    '--rm',
    '--log-driver',
    'none',
    '--quiet',
  ];
  // crun takes offence at a second version of cgroups beside the first, even where it is to make none.
  const alone = ['--mount', 'sh', '-c', 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$0" "$@"'];
  const args = [...alone, 'podman', ...place, 'run', ...how, `oci:${layout}`, ...command];
  const { status, stdout, stderr } = spawnSync('unshare', args, {
    ...{ encoding: 'utf8', env: { ...process.env, CONTAINERS_CONF: config } },
  });
  return { status: status ?? -1, output: status === 0 ? stdout : `${stdout}${stderr}` };
}
