// Debian packages: which are missing, and how to get them on this machine, as root, with sudo, or by telling the reader
// what to type. On another distribution the programs themselves count, whatever package they came from.
import { which } from 'zx';
import { findProgram } from '../doctor/facts.ts';
import { UserError } from '../errors.ts';
import { $ } from './shell.ts';
import { step } from './step.mjs';

/** Programs with which later lessons do their work, and whose they are: without them these are skipped, and say so. */
const lessonTools = { ip: 'iproute2', nft: 'nftables', newuidmap: 'uidmap' };

/** What the tests and the benchmark compare with, or look with. The cross compiler builds the helper for the other architecture. */
export const peers = [
  ...['bubblewrap', 'crun', 'runc', 'strace', 'tini', 'iperf3', 'golang-github-containers-common'],
  ...['umoci', 'skopeo', 'buildah', 'podman', 'docker-registry', 'mmdebstrap', 'zstd', 'attr', 'openssl'],
  ...['redis-tools', 'vagrant', 'chromium'],
];
if (process.arch === 'x64')
  peers.push('gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross', 'qemu-user-static', 'qemu-system-x86');

/** The packages without which the C helper cannot be built here: a compiler, make, and a C library to link statically. */
export async function missingForHelper(): Promise<string[]> {
  const missing: string[] = [];
  const compiler = await which('cc', { nothrow: true });
  if (!compiler) missing.push('gcc');
  if (!(await which('make', { nothrow: true }))) missing.push('make');
  // A compiler that does not find the file repeats its name; one that does answers with a path.
  const library = compiler ? (await $`cc -print-file-name=libc.a`).stdout : 'libc.a';
  if (!library.startsWith('/')) missing.push('libc6-dev');
  return missing;
}

/** Packages of programs that are not there, from wherever they may have come. */
export function missingForLessons(): string[] {
  return Object.entries(lessonTools).flatMap(([program, from]) => (findProgram(program) ? [] : [from]));
}

/** Those of the packages that are not installed. */
export async function notInstalled(packages: string[]): Promise<string[]> {
  // dpkg-query ends with 1 when it has never heard of one of them; what it knows it says all the same.
  const known = await $({ nothrow: true })`dpkg-query -W -f '\${Package} \${db:Status-Status}\n' ${packages}`;
  const installed = new Set(known.lines().map(line => line.replace(/ installed$/, '')));
  return packages.filter(name => !installed.has(name));
}

/** Installs the packages, or throws a UserError with the line to type. */
export async function install(packages: string[]): Promise<void> {
  const names = packages.join(' ');
  if (!(await which('apt-get', { nothrow: true }))) {
    throw new UserError(`missing, by their Debian names: ${names}`, 'install what your distribution calls these');
  }
  const become = await waysToRoot();
  if (!become) {
    throw new UserError(`Debian packages are missing, and this user may not install any: ${names}`, byHand(packages));
  }
  const apt = [...become, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
  await step(`Debian packages: ${names}`, async () => {
    const get = ['install', '-y', '--no-install-recommends', ...packages];
    if ((await $({ nothrow: true })`${apt} ${get}`).ok) return;
    // The lists may be empty (a container's image) or older than what the archive holds.
    await $`${apt} update`;
    await $`${apt} ${get}`;
  });
}

/** What the reader types, once, where we may not. */
export function byHand(packages: string[]): string {
  return `sudo apt-get install --no-install-recommends ${packages.join(' ')}`;
}

/** The words before a command that make it root's, or nothing where no way is open without asking a terminal we lack. */
async function waysToRoot(): Promise<string[] | undefined> {
  if (process.geteuid?.() === 0) return [];
  if (!(await which('sudo', { nothrow: true }))) return undefined;
  if ((await $({ nothrow: true })`sudo -n true`).ok) return ['sudo', '-n'];
  if (!process.stdin.isTTY) return undefined;
  console.error('Debian packages are to be installed, with sudo, which may ask for your password:');
  const asked = await $({ nothrow: true, stdio: 'inherit' })`sudo -v`;
  return asked.ok ? ['sudo', '-n'] : undefined;
}
