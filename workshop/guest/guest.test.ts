// Proves the guest from outside: what its command did and said, against what came back and what is left on this machine.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { home } from '../paths.ts';
import { GuestStopped, runInGuest } from './index.ts';
import { alive, boxwright, eventually, folderFor, here, ownTemporaryFolder, startAndWait } from './kit.ts';
import { startOf } from './owned.ts';

ownTemporaryFolder();

for (const [script, status] of [
  ['true', 0],
  ['exit 255', 255],
  ['kill -TERM $$', 143],
  ['kill -KILL $$', 137],
] as const) {
  here(`The guest ends with ${status} after \`${script}\`.`, async t => {
    t.is((await runInGuest(['sh', '-c', script])).status, status);
  });
}

here('A command that does not exist gives 127, and one that is no program 126.', async t => {
  const missing = await runInGuest(['no-such-command']);
  t.like(missing, { status: 127, stdout: '', stderr: 'guest: no-such-command: No such file or directory\n' });
  t.is((await runInGuest(['/etc/passwd'])).status, 126);
});

here('Standard input, output and error pass every byte unchanged, and stay apart.', async t => {
  const input = randomBytes(300_000);
  const script = 'cat > /tmp/in; cat /tmp/in; head -c 70000 /tmp/in >&2; exit 3';
  const command = [...boxwright, '--', 'sh', '-c', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { input, maxBuffer: 1 << 24 });
  t.is(status, 3);
  t.true(stdout.equals(input));
  t.true(stderr.equals(input.subarray(0, 70_000)));
});

here('Output arrives while the command runs.', async t => {
  const command = [...boxwright, '--', 'sh', '-c', 'echo first; read line; echo "$line"'];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  t.is(String((await once(child.stdout, 'data'))[0]), 'first\n');
  // It waits for this, and so has not ended.
  child.stdin.end('second\n');
  t.is(String((await once(child.stdout, 'data'))[0]), 'second\n');
  t.deepEqual(await ended, [0, null]);
});

here('A reader that goes away ends the guest, as it would end the command.', async t => {
  const { child, machine } = await startAndWait('--', 'yes');
  const ended = once(child, 'exit');
  child.stdout.destroy();
  t.deepEqual(await ended, [141, null]);
  t.true(await eventually(() => alive(machine).length === 0));
});

here('The command is root, starts where it was called, and has arguments and environment as given.', async t => {
  const cwd = folderFor(t);
  const script = 'id -u; pwd; hostname; echo "$1|$WORD|$BOXWRIGHT_GUEST"';
  const { stdout } = await runInGuest(['sh', '-c', script, 'sh', 'a  b\n"c"'], { cwd, env: { WORD: "d = 'e'" } });
  t.is(stdout, `0\n${cwd}\nguest\na  b\n"c"|d = 'e'|uml\n`);
});

here('Changes to files vanish, everywhere but in a shared folder.', async t => {
  const [cwd, shared] = [folderFor(t), folderFor(t)];
  const outside = `/etc/guest-test-${process.pid}`;
  writeFileSync(`${cwd}/old`, 'before\n');
  const script = `cat old; echo after > old; echo x > new; echo y > ${outside}; rm -rf ${home}/workshop
    cat old new ${outside}; ls -d ${home}/workshop; echo z > ${shared}/new`;
  const { stdout } = await runInGuest(['sh', '-c', script], { cwd, share: [shared] });
  t.is(stdout, 'before\nafter\nx\ny\n');
  t.is(readFileSync(`${cwd}/old`, 'utf8'), 'before\n');
  t.deepEqual([`${cwd}/new`, outside, `${home}/workshop/guest/guest.test.ts`].map(existsSync), [false, false, true]);
  t.is(readFileSync(`${shared}/new`, 'utf8'), 'z\n');
});

here('The memory limit of a version 2 cgroup kills, and counts it.', async t => {
  const script = `cd /sys/fs/cgroup && mkdir box && echo 20M > box/memory.max && grep 'oom_kill ' box/memory.events
    sh -c 'echo $$ > box/cgroup.procs; exec tail /dev/zero'; echo $?; grep 'oom_kill ' box/memory.events`;
  t.is((await runInGuest(['sh', '-c', script])).stdout, 'oom_kill 0\n137\noom_kill 1\n');
});

here('The process limit of a version 2 cgroup refuses, and counts it.', async t => {
  const script = `cd /sys/fs/cgroup && mkdir box && echo 1 > box/pids.max && cat box/pids.events
    sh -c 'echo $$ > box/cgroup.procs; /bin/true; true'; cat box/pids.events`;
  const { stdout, stderr } = await runInGuest(['sh', '-c', script]);
  t.is(stdout, 'max 0\nmax 1\n');
  t.regex(stderr ?? '', /fork/);
});

here(
  'The guest has what a running Linux has mounted, lo for a network, and namespaces of its own to give.',
  async t => {
    const places = ['/proc', '/sys', '/sys/fs/cgroup', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/tmp', '/run'];
    const script = `for at in ${places.join(' ')}; do findmnt -no FSTYPE $at; done
    ls /sys/class/net; cat /sys/class/net/lo/flags; echo here > /dev/fd/1
    unshare --user --map-root-user --mount --pid --fork --net --ipc --uts --cgroup echo apart`;
    const { stdout } = await runInGuest(['sh', '-c', script]);
    const types = ['proc', 'sysfs', 'cgroup2', 'devtmpfs', 'devpts', 'tmpfs', 'mqueue', 'tmpfs', 'tmpfs'];
    t.is(stdout, `${[...types, 'lo', '0x9', 'here', 'apart'].join('\n')}\n`);
  },
);

here('A driver that the kernel has as a module comes when it is asked for.', async t => {
  const add = 'ip link add left type veth peer name right && ls /sys/class/net';
  t.is((await runInGuest(['sh', '-c', add])).stdout, 'left\nlo\nright\n');
});

here('With readOnly two overlays fit on top of each other, and files cannot be written.', async t => {
  const script = `stack() { mkdir u w "$2" && mount -t overlay o -o lowerdir="$1",upperdir=u,workdir=w "$2" && echo "$2"; }
    cd /tmp; stack / one; mount -t tmpfs t one/tmp; cd one/tmp; stack /tmp/one two
    touch /etc/x 2>/dev/null || echo refused`;
  t.is((await runInGuest(['sh', '-c', script], { readOnly: true })).stdout, 'one\ntwo\nrefused\n');
});

here("The repository's own Node runs inside, and the clock is right.", async t => {
  const begun = Date.now();
  const { stdout } = await runInGuest(['node', '-p', 'JSON.stringify([process.version, Date.now()])'], { cwd: home });
  const [version, time] = JSON.parse(stdout ?? '');
  t.is(version, process.version);
  t.true(time > begun - 5000 && time < Date.now() + 5000);
});

here('What the command leaves running does not keep the guest.', async t => {
  const command = ['sh', '-c', '(trap "" TERM; sleep 3600; echo late) & echo early; exit 4'];
  const result = await runInGuest(command, { timeout: 600 });
  t.deepEqual(result, { status: 4, stdout: 'early\n', stderr: '' });
});

here('A command may kill every process there is, and its status still comes out.', async t => {
  const result = await runInGuest(['sh', '-c', 'sleep 3600 & kill -KILL -1; wait; echo alone; exit 5']);
  t.deepEqual(result, { status: 5, stdout: 'alone\n', stderr: '' });
});

here('When the time is up the guest ends with 124.', async t => {
  t.is((await runInGuest(['sleep', '3600'], { timeout: 1 })).status, 124);
});

here('A guest whose kernel stops is an error with its last words.', async t => {
  const stopped = runInGuest(['sh', '-c', 'echo o > /proc/sysrq-trigger; sleep 3600']);
  const error = await t.throwsAsync(stopped, { instanceOf: GuestStopped, message: /Power Off/i });
  t.is(error?.status, 125);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  here(`${signal} ends the guest and then its caller, and leaves no process and no file.`, async t => {
    const { child, run, machine } = await startAndWait('--', 'sh', '-c', 'echo up; sleep 3600');
    t.true(alive(machine).length > 0);
    const ended = once(child, 'exit');
    child.kill(signal);
    t.deepEqual(await ended, [null, signal]);
    t.true(await eventually(() => alive(machine).length === 0));
    t.false(existsSync(run));
  });
}

here('When its caller is killed, the guest ends by itself, and the next run removes its folder.', async t => {
  const { child, run, machine } = await startAndWait('--', 'sh', '-c', 'echo up; sleep 3600');
  child.kill('SIGKILL');
  t.true(await eventually(() => alive(machine).length === 0));
  t.true(existsSync(run));
  await runInGuest(['true']);
  t.false(existsSync(run));
});

here('A guest that hangs when its caller is killed is ended by the next run.', async t => {
  const { child, machine } = await startAndWait('--', 'sh', '-c', 'echo up; sleep 3600');
  const started = startOf(machine);
  for (const pid of alive(machine)) process.kill(pid, 'SIGSTOP');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  await sleep(500);
  t.is(startOf(machine), started);
  await runInGuest(['true']);
  t.true(await eventually(() => alive(machine).length === 0));
});

here('Two guests run at once, each with its own files and status.', async t => {
  const script = 'echo $1 > /etc/mine; sleep 1; cat /etc/mine; exit $1';
  const results = await Promise.all([1, 2].map(n => runInGuest(['sh', '-c', script, 'sh', String(n)])));
  t.deepEqual(
    results.map(({ status, stdout }) => [status, stdout]),
    [
      [1, '1\n'],
      [2, '2\n'],
    ],
  );
});

here('No folder of a run is left when all have ended.', t => {
  const mine = readdirSync(tmpdir()).filter(name => name.startsWith(`boxwright-guest-${process.pid}-`));
  t.deepEqual(mine, []);
});
