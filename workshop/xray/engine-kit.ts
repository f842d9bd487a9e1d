// For the tests: other people's engines, whole, in mount, network and pid namespaces of their own, so that all of it vanishes with
// the process 1 in there. What is asked in there is written into files, and compared out here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { searchPath } from '../doctor/probe.ts';
import { unpackPackage } from '../guest/packages.ts';
import { baseRootfs, cache, home } from '../paths.ts';

/** Docker's programs out of Debian's packages: installed, they would start a daemon at every boot. Returns the folders for PATH. */
export async function dockerPrograms(): Promise<string> {
  const kept = `${cache}/docker`;
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true });
    const work = mkdtempSync(`${cache}/docker-`);
    try {
      for (const name of ['docker.io', 'containerd'])
        await unpackPackage(name, `${work}/tree`, `${work}/packages`, () => {});
      renameSync(`${work}/tree`, kept);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return `${kept}/usr/sbin:${kept}/usr/bin`;
}

export interface Inside {
  folder: string;
  /** What a step wrote into a file. */
  read(file: string): string;
  json<T>(file: string): T;
  end(): void;
}

/** Runs a shell's script in there, to its end. `$F`: a folder of its own; `$GROUP`: under which its control groups are to be made. */
export function inside(script: string, path = '', env: Record<string, string> = {}): Inside {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-xray-`);
  const group = `boxwright-xray-${process.pid}`;
  const end = () => {
    removeGroups(group);
    rmSync(folder, { recursive: true, force: true });
  };
  const begin = `set -e; mount -t tmpfs none /run; ip link set lo up; cd "$F"
    xray() { "$NODE" --no-warnings ${home}/workshop/boxwright.mjs xray "$@"; }
    image() { tar -C ${baseRootfs} -c .; }\n`;
  const own = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  const { status, stdout, stderr } = spawnSync('unshare', [...own, 'sh', '-c', begin + script], {
    ...{ encoding: 'utf8', timeout: 840_000 },
    env: {
      ...env,
      F: folder,
      GROUP: group,
      NODE: process.execPath,
      PATH: `${path}:${searchPath}`,
      LC_ALL: 'C',
      HOME: folder,
    },
  });
  const read = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');
  if (status !== 0) {
    const log = existsSync(`${folder}/log`) ? read('log').split('\n').slice(-5).join('\n') : '';
    end();
    throw new Error(`the script ended with ${status}: ${stdout}${stderr}${log}`);
  }
  return { folder, read, json: file => JSON.parse(read(file)), end };
}

/** Empty ones that engines leave where nobody gives them a chance to clean up. */
function removeGroups(name: string): void {
  const remove = (folder: string) => {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) remove(`${folder}/${entry.name}`);
    for (let tries = 0; tries < 600; tries++) {
      try {
        return rmdirSync(folder);
      } catch {
        // Its last process is still on the way out.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
    }
  };
  for (const hierarchy of ['', ...readdirSync('/sys/fs/cgroup').map(each => `/${each}`)])
    remove(`/sys/fs/cgroup${hierarchy}/${name}`);
}

/** Steps of a script that both engines know: three layers and a container with all that can be asked for. */
export const story = (engine: string, options: string) => `
  image | ${engine} import - base >/dev/null
  ${engine} run --name one ${options} base sh -c 'echo >> /etc/os-release; rm /etc/group'
  ${engine} commit one two >/dev/null
  ${engine} run --detach --name web --hostname x-ray ${options} --memory 64m --pids-limit 33 two \\
    sh -c 'echo text > /new; rm /etc/passwd; echo >> /bin/busybox.txt; echo >> /etc/services; mkdir /made; : > /ready; exec sleep 3000' >/dev/null
  ${engine} container inspect web > inspect.json
  pid=$(sed -n 's/.*"Pid": \\([0-9]*\\).*/\\1/p' inspect.json | head -1)
  i=0; until test -e /proc/$pid/root/ready; do sleep 0.1; i=$((i+1)); test $i -lt 3000; done
  xray --${engine} web --json > xray.json
  xray --${engine} web > xray.txt
  lsns --json --task $pid --output ns,type > lsns.json
  findmnt --json --task $pid --list --output id,target,fstype > findmnt.json
  cat /proc/$pid/cgroup > cgroup
  getpcaps $pid > getpcaps 2>&1
  sed -n 's/.*"\\(Upper\\|Lower\\)Dir": "\\(.*\\)".*/\\2/p' inspect.json | sort | tr ':' '\\n' | while read -r dir; do
    echo "$(stat -c %i "$dir") $(find "$dir" -mindepth 1 ! -type c | wc -l) $dir"; done > layers
  xray --${engine} nobody 2> nobody && exit 9
  ${engine} stop --time 0 web >/dev/null 2>&1
  xray --${engine} web 2> stopped && exit 9
  ${engine} rm --force one web >/dev/null 2>&1
`;
