// Whole commands that fetch an image from a registry of this machine to a tmpfs, beside other people's: Debian's smallest system in one
// layer, and a hundred small layers. skopeo copies to an image layout too, which is the same state on disk; podman unpacks as well.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { home } from '../workshop/paths.ts';
import { debianImage } from '../workshop/peers/images/debian.ts';
import { makeImage } from '../workshop/peers/registry/layout.ts';
import { startRegistry } from '../workshop/peers/registry/server.ts';
import { inTurn, median, table } from './measure.ts';

const rounds = Number(process.env.ROUNDS ?? 7);

/** On a tmpfs of its own, in a mount namespace of its own: with the last process all of it goes. */
export async function benchPull(): Promise<void> {
  const node = [process.execPath, '--conditions=solution', '--no-warnings', fileURLToPath(import.meta.url)];
  const onTmpfs = 'mount -t tmpfs -o mode=1777 tmpfs /dev/shm && exec "$@"';
  const shell = ['--mount', '--propagation=private', 'sh', '-c', onTmpfs, 'sh', ...node];
  execFileSync('unshare', shell, { stdio: 'inherit' });
}

async function measure(): Promise<void> {
  const folder = mkdtempSync('/dev/shm/boxwright-bench-');
  const registry = await startRegistry(folder);
  try {
    const debian = debianImage();
    if ('reason' in debian) console.log(`\nNothing of Debian: ${debian.reason}`);
    else await compare(folder, 'Debian, one layer', registry.host, `${debian.layout}:gzip`);
    makeImage(`${folder}/hundred`, 'image', { layers: 100, bytes: 50_000 });
    await compare(folder, 'A hundred small layers', registry.host, `${folder}/hundred:image`);
  } finally {
    await registry.close();
  }
}

async function compare(folder: string, title: string, host: string, from: string): Promise<void> {
  const name = `${host}/bench/${title.split(/\W+/)[0]?.toLowerCase()}`;
  await run(`skopeo --insecure-policy copy -q --dest-tls-verify=false oci:${from} docker://${name}`);
  const target = `${folder}/target`;
  const podman = (driver: string) =>
    `podman --root ${target}/root --runroot ${target}/run --storage-driver ${driver} --cgroup-manager cgroupfs pull -q --tls-verify=false ${name}`;
  const contenders: Record<string, string> = {
    Boxwright: `'${process.execPath}' --max-semi-space-size=2 --conditions=solution --no-warnings '${home}/box/box.mjs' pull --store ${target} ${name}`,
    'skopeo copy, to an image layout': `skopeo --insecure-policy copy -q --src-tls-verify=false docker://${name} oci:${target}:image`,
    'podman pull, overlay (unpacks too)': podman('overlay'),
  };
  // An overlay of Podman's own may be mounted there.
  const clear = async () => {
    await run(`umount -l ${target}/root/overlay 2>&-; true`);
    rmSync(target, { recursive: true, force: true });
  };
  const times = await inTurn(
    rounds,
    Object.fromEntries(Object.entries(contenders).map(([each, script]) => [each, async () => run(script)])),
    clear,
  );
  await clear();
  const ours = median(times.Boxwright ?? []);
  console.log(`\n${title}, pulled from a registry of this machine: milliseconds, ${rounds} rounds in turn\n`);
  const rows = Object.entries(times).map(([each, all]) => [each, Math.min(...all), median(all), median(all) / ours]);
  console.log(table(['', 'least', 'median', 'times ours'], rows));
}

async function run(script: string): Promise<void> {
  const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error(`it ended with ${status}: ${script}`);
}

if (import.meta.main) await measure();
