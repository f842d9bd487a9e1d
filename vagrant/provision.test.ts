// The provision script as root, twice, over a copy of this machine that vanishes: an overlay in a mount namespace, without
// /sys. A ramfs takes the part of a shared folder. (`vagrant/release` runs it on Debian freshly installed, and in a machine.)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { machineFacts } from '../workshop/doctor/facts.ts';
import { runInGuest } from '../workshop/guest/index.ts';
import { here as hereInGuest } from '../workshop/guest/kit.ts';
import { home } from '../workshop/paths.ts';

const facts = await machineFacts();
const whyNot = !facts.root ? 'only root may mount over all of /' : facts.overlay ? null : 'no overlay here';

function here(what: string, body: (t: ExecutionContext) => void) {
  if (whyNot === null) test(what, body);
  else test.skip(`${what} (Skipped: ${whyNot}.)`, body);
}

/** A small workshop, whose set-up says who runs it where. */
function makeRepository(path: string) {
  for (const folder of ['workshop/setup', 'vagrant']) mkdirSync(`${path}/${folder}`, { recursive: true });
  for (const file of ['provision.sh', 'pages-port']) cpSync(`${home}/vagrant/${file}`, `${path}/vagrant/${file}`);
  const setup = "console.log('set up in', process.cwd(), 'by', process.getuid(), 'at', process.env.HOME);";
  writeFileSync(`${path}/workshop/setup/first.mjs`, setup);
}

/** Runs a script where `/repository` is a small workshop on `type`. */
function inCopy(t: ExecutionContext, type: string, script: string) {
  const place = mkdtempSync(`${tmpdir()}/boxwright-provision-`);
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  makeRepository(`${place}/repository`);
  mkdirSync(`${place}/changes`);
  const prepare = `set -eu; cd ${place}
mount -t tmpfs none changes; mkdir changes/upper changes/work changes/root
mount -t overlay -o lowerdir=/,upperdir=changes/upper,workdir=changes/work none changes/root; cd changes/root
mount --rbind /dev dev; mount -t proc none proc; mount --bind -o ro proc/sys proc/sys
mkdir -p repository; mount -t ${type} none repository; cp -a ${place}/repository/. repository
rm -rf etc/profile.d/boxwright.sh etc/sysctl.d/60-boxwright.conf var/lib/boxwright
exec chroot . sh -euc "$SCRIPT"`;
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', prepare];
  const env = { PATH: process.env.PATH, SCRIPT: script };
  return spawnSync('unshare', namespaces, { env, encoding: 'utf8' });
}

const lines = (text: string) => text.trim().split('\n');
/** Of a kernel that has such settings; the copy's are read-only. */
const settings = /^provision: kernel\..* could not be set.*\n/gm;

here('on a shared folder, what set-up makes is on the machine’s own disk; a second run changes nothing', t => {
  const { stdout, stderr, status } = inCopy(
    t,
    'ramfs',
    `cd /repository; vagrant/provision.sh --machine; echo once >node_modules/kept; echo again; vagrant/provision.sh --machine
cat node_modules/kept; for each in node_modules .cache helper-c/build workshop; do findmnt -n -o FSTYPE -T $each; done
ls -d /var/lib/boxwright/.cache; grep -c repository /etc/gitconfig; sh -n /etc/profile.d/boxwright.sh; findmnt -n | grep -c node_modules`,
  );
  t.is(status, 0, stderr);
  const ran = 'set up in /repository by 0 at /root';
  t.deepEqual(lines(stdout), [
    ...[ran, 'again', ran, 'once', 'overlay', 'overlay', 'overlay', 'ramfs', '/var/lib/boxwright/.cache', '1', '1'],
  ]);
  const moved = ['node_modules', '.cache', 'helper-c/build'];
  const said = moved.map(name => `provision: ${name} is on this machine's disk, not on the shared folder (ramfs)\n`);
  t.is(stderr.replace(settings, ''), said.join(''));
});

here('on a disk of its own nothing is mounted, and no login is changed; the user sets up, and has user ids', t => {
  const { stdout, stderr, status } = inCopy(
    t,
    'tmpfs',
    `useradd --create-home learner 2>/dev/null; sed -i /learner/d /etc/subuid /etc/subgid; cd /repository
for time in 1 2; do SUDO_USER=learner vagrant/provision.sh; done
grep -h learner /etc/subuid /etc/subgid; findmnt -n | grep -c repository; ls /etc/profile.d /etc/gitconfig 2>/dev/null | grep -c boxwright || :`,
  );
  t.is(status, 0, stderr);
  const ran = `set up in /repository by ${/by (\d+)/.exec(stdout)?.[1]} at /home/learner`;
  t.deepEqual(lines(stdout), [ran, ran, 'learner:100000:65536', 'learner:100000:65536', '1', '0']);
  t.notRegex(stdout, /by 0/);
  t.is(stderr.replace(settings, ''), '');
});

here('who is not root, and a folder that is none, are told in a line what to do', t => {
  const { stderr } = inCopy(
    t,
    'tmpfs',
    'cd /repository; runuser -u nobody -- vagrant/provision.sh || echo $? >&2; vagrant/provision.sh /tmp || echo $? >&2',
  );
  t.regex(
    stderr,
    /^provision: .* root’s to change\nnext: sudo vagrant\/provision.sh\n1\nprovision: \/tmp is not .*\nnext: .*\n1\n$/,
  );
});

hereInGuest(
  'in a container without systemd its processes make room, and the controllers of lesson 10 are passed down',
  async t => {
    const place = mkdtempSync(`${tmpdir()}/boxwright-provision-`);
    t.teardown(() => rmSync(place, { recursive: true, force: true }));
    makeRepository(place);
    const container = `cd /; umount /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; cd /sys/fs/cgroup; sleep 60 &
echo "before: $(cat cgroup.subtree_control)"; for time in 1 2; do "$0/vagrant/provision.sh" >/dev/null; done
echo "after: $(cat cgroup.subtree_control)"; wc -l <cgroup.procs; grep -cx $$ init/cgroup.procs; grep -cx $! init/cgroup.procs`;
    const host = `set -e; cd /sys/fs/cgroup; mkdir container; echo "+cpu +io +memory +pids" >cgroup.subtree_control
echo $$ >container/cgroup.procs; exec unshare --cgroup --mount sh -c "$1" "$2"`;
    const { stdout, stderr } = await runInGuest(['sh', '-c', host, 'sh', container, place], { cwd: place });
    t.deepEqual(lines(stdout ?? ''), ['before: ', 'after: cpu io memory pids', '0', '1', '1'], stderr);
  },
);
