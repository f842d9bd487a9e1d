// What a run left behind on the sandbox's host: facts before, facts after, and the difference in words.
import { readdirSync, readFileSync } from 'node:fs';
import { readArguments, readMountinfo } from '#linux';
import { attempt } from '../doctor/probe.ts';
import { cgroupsBelow } from './limits.ts';
import type { Session } from './session.ts';
import { stateFolder } from './state.ts';

export interface HostState {
  mounts: string[];
  containers: string[];
  interfaces: string[];
  files: string[];
  cgroups: string[];
  /** Named ones; the others end with their last process. ip-netns(8) */
  networks: string[];
  /** Numbers of lesson 13's pools that are in use. */
  addresses: string[];
}

/** Where a container has no business to leave a file. The checks' own are in /run/boxwright and /tmp. */
const folders = ['/', '/dev', '/etc', '/root'];

export function hostState(session: Session): HostState {
  const { init, path, cgroup } = session.sandbox;
  return {
    mounts: readMountinfo(init).map(mount => `${mount.type} on ${mount.mountPoint}`),
    containers: list(path(`${stateFolder}/containers`)),
    interfaces: readFileSync(`/proc/${init}/net/dev`, 'utf8').match(/\S+(?=:)/g) ?? [],
    cgroups: cgroup ? cgroupsBelow(cgroup).map(path => path.slice(cgroup.length)) : [],
    networks: list(path('/run/netns')),
    addresses: list(path(`${stateFolder}/pools`)).flatMap(pool =>
      list(path(`${stateFolder}/pools/${pool}`)).flatMap(name => (/^\d/.test(name) ? `${pool}/${name}` : [])),
    ),
    files: folders.flatMap(folder => list(path(folder)).map(name => `${folder}/${name}`.replace('//', '/'))),
  };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Gone, or covered by a mount: then the mount is the finding.
    return [];
  }
}

/**
 * A container that was killed a moment ago is still being cleaned up: processes, their folders and their network count only
 * when they are still there a little later. A mount or a file on the host stays, and need not be waited for so long.
 */
export async function findLeaks(session: Session, before: HostState): Promise<string[]> {
  const begun = performance.now();
  for (let tries = 0; ; tries++) {
    const leaks = [...compare(session, before), ...(await rulesLeft(session))];
    const passing = leaks.filter(leak =>
      /^(a process|a folder|a cgroup|a network interface|an address|a rule):/.test(leak),
    );
    // In a guest a single look takes as long as ten here.
    const enough = performance.now() - begun > (passing.length < leaks.length ? 100 : 1000) * session.slowness;
    if (passing.length === 0 || (enough && tries >= 10)) return shorten(leaks);
    await new Promise(next => setTimeout(next, 10));
  }
}

/** A hundred mounts are one mistake. */
function shorten(leaks: string[]): string[] {
  return leaks.length > 6 ? [...leaks.slice(0, 5), `and ${leaks.length - 5} more like these`] : leaks;
}

function compare(session: Session, before: HostState): string[] {
  const after = hostState(session);
  const added = (now: string[], then: string[]) => {
    const rest = [...then];
    return now.filter(each => {
      const at = rest.indexOf(each);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
  };
  return [
    ...added(after.mounts, before.mounts).map(each => `a mount: ${each}`),
    ...added(after.containers, before.containers).map(each => `a folder: ${stateFolder}/containers/${each}`),
    ...added(after.interfaces, before.interfaces).map(each => `a network interface: ${each}`),
    ...added(after.networks, before.networks).map(each => `a network namespace: /run/netns/${each}`),
    ...added(after.addresses, before.addresses).map(each => `an address: ${stateFolder}/pools/${each}`),
    ...added(after.cgroups, before.cgroups).map(each => `a cgroup: ${each}`),
    ...added(after.files, before.files).map(each => `a file: ${each}`),
    ...session.processes().flatMap(pid => processLeak(pid)),
  ];
}

/** Tables of rules for packets. A sandbox's network begins without any, so that it need not be asked before. nft(8) */
async function rulesLeft({ sandbox: { init } }: Session): Promise<string[]> {
  const enter = [`--user=/proc/${init}/ns/user`, `--net=/proc/${init}/ns/net`];
  const { ok, stdout } = await attempt('nsenter', [...enter, 'nft', 'list', 'tables']);
  return ok ? (stdout.match(/^table .*$/gm) ?? []).map(table => `a rule: ${table}`) : [];
}

function processLeak(pid: number): string[] {
  try {
    const command = readArguments(pid).join(' ');
    // Without arguments it is a zombie, which process 1 is about to reap.
    return command ? [`a process: ${command}`] : [];
  } catch {
    return [];
  }
}
