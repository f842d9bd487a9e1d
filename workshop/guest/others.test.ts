// The guest for others than root, and on the other kernel.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { home } from '../paths.ts';
import { guestAvailable, prepare, runInGuest } from './index.ts';
import { folderFor, testUnless, whyNot } from './kit.ts';

const notRoot = process.getuid?.() === 0 ? null : 'only root can become another user, and the other tests ran as one';

testUnless(whyNot ?? notRoot)('An ordinary user has a guest too, from a folder that no one else can read.', async t => {
  await prepare('uml', () => {});
  const folder = folderFor(t);
  const copy = `mkdir -p "$1/workshop" "$1/.cache/guest" && cd "$2" && cp package.json "$1" && cp "$3" "$1/node" &&
    cp -r workshop/guest workshop/errors.ts workshop/paths.ts "$1/workshop" && cp -r .cache/guest/uml "$1/.cache/guest"`;
  t.is(spawnSync('sh', ['-c', copy, 'sh', folder, home, process.execPath]).status, 0);

  const script = 'id -u; cat mine; echo x > /etc/x && cat /etc/x; ls -A ~ | wc -l; exit 6';
  writeFileSync(`${folder}/mine`, 'mine\n');
  writeFileSync(
    `${folder}/main.ts`,
    `import { runInGuest } from './workshop/guest/index.ts';
    console.log(JSON.stringify(await runInGuest(['sh', '-c', ${JSON.stringify(script)}])));`,
  );
  t.is(spawnSync('chown', ['-R', '65534:65534', folder]).status, 0);
  chmodSync(folder, 0o700);

  const user = ['--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'];
  const options = { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH } } as const;
  const { stdout, stderr } = spawnSync('setpriv', [...user, `${folder}/node`, 'main.ts'], options);
  t.is(stdout, `${JSON.stringify({ status: 6, stdout: '0\nmine\nx\n0\n', stderr: '' })}\n`, stderr);
});

const needs = ['cpuset', 'psi', 'time-namespace', 'landlock', 'smp'];
const qemu = guestAvailable({ needs });

testUnless(qemu.available ? null : qemu.reason)(
  'QEMU is chosen for what User-Mode Linux lacks, and has it.',
  async t => {
    const cwd = folderFor(t);
    const script = `echo $BOXWRIGHT_GUEST; nproc; ls /proc/pressure; unshare --time echo time
    grep -o cpuset /sys/fs/cgroup/cgroup.subtree_control; grep -o landlock /sys/kernel/security/lsm
    ip link add left type veth peer name right && ls /sys/class/net
    head -c 5; echo error >&2; echo x > /etc/guest-test; echo y > new; exit 9`;
    const result = await runInGuest(['sh', '-c', script], { needs, cwd, share: [cwd], input: 'hello' });
    const stdout = 'qemu\n2\ncpu\nio\nmemory\ntime\ncpuset\nlandlock\nleft\nlo\nright\nhello';
    t.deepEqual(result, { status: 9, stdout, stderr: 'error\n' });
    t.is(readFileSync(`${cwd}/new`, 'utf8'), 'y\n');
    t.false(existsSync('/etc/guest-test'));
  },
);
