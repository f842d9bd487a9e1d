// The provision script on Debian 13 freshly installed, with nothing but what apt itself needs: a lesson is checked, then the
// script is run again. Needs root, mmdebstrap and the network; nothing of this machine is touched, or kept.
//
//   sudo node vagrant/release/fresh.ts
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { clone } from './clone.ts';
import { zx } from './zx.ts';

const root = mkdtempSync(`${tmpdir()}/boxwright-fresh-`);
const inside = `set -eu
timed() { began=$(date +%s); "$@"; echo "$(($(date +%s) - began)) s: $*" >&2; }
cd /boxwright
timed vagrant/provision.sh
timed npm start --silent -- list
timed npx boxwright check 01 --solution --json >/tmp/report
node -p 'const { points, outOf } = JSON.parse(fs.readFileSync("/tmp/report")); process.exitCode = +(points < outOf); points + " of " + outOf'
timed vagrant/provision.sh`;
// A view of this machine's processes, devices and network, and of nothing else of it.
// A root of its own: in a chroot(2) the kernel allows nobody a user namespace.
const enter = `set -eu; mount --bind ${root}/debian ${root}/debian; cd ${root}/debian; mkdir old
mount -t proc none proc; mount --rbind /dev dev; mount -t sysfs none sys
cp /etc/resolv.conf etc/resolv.conf; set -- HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
# A network may have a certificate authority of its own, which Node learns of so.
[ -z "\${NODE_EXTRA_CA_CERTS-}" ] || { cp "$NODE_EXTRA_CA_CERTS" root/ca.pem; set -- "$@" NODE_EXTRA_CA_CERTS=/root/ca.pem; }
pivot_root . old; umount -l /old; exec env -i "$@" sh -c "$INSIDE"`;

try {
  await zx`mmdebstrap --variant=minbase trixie ${root}/debian`;
  await clone(`${root}/debian/boxwright`);
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', enter];
  const env = { ...process.env, INSIDE: inside };
  process.exitCode = spawnSync('unshare', namespaces, { env, stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
