// The handle: results, errors, order, and what happens when the process goes away.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import {
  CLONE,
  ERRNO,
  into,
  O,
  Process,
  readArguments,
  readDescriptors,
  readEnvironment,
  SyscallError,
  WireError,
} from './index.ts';
import { alive, eventually, here, output, own, start } from './kit.ts';

function folder(t: ExecutionContext): string {
  const dir = mkdtempSync(`${tmpdir()}/boxwright-process-`);
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

test('#linux loads on any operating system without touching it, and says what it cannot do there.', t => {
  const home = fileURLToPath(new URL('..', import.meta.url));
  const script = `
    Object.defineProperty(process, 'platform', { value: 'darwin' });
    const { Process, CLONE, parseStatus } = await import(${JSON.stringify(`${home}linux/index.ts`)});
    if (CLONE.NEWNS !== 0x20000 || parseStatus('Pid:\\t5').pid !== 5) process.exit(3);
    await Process.start().catch(error => console.log(error.name, error.message));`;
  // No files but the repository's, no child processes: anything more at import would fail.
  const args = ['--permission', `--allow-fs-read=${home}`, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  t.is(stdout, 'WireError system calls of Linux need a Linux kernel, and this is darwin\n', stderr);
});

here('A call returns what the kernel returned.', async t => {
  const box = await start(t);
  t.is(await box.syscall('getpid'), box.pid);
  t.is(await box.syscall('getppid'), process.pid);
  t.is(box.trace[0]?.pid, box.pid);
  t.is(String(box.trace[0]), `getpid() = ${box.pid}`);
});

here('A call that fails throws a SyscallError that says everything, and the process goes on.', async t => {
  const box = await start(t);
  const error = await t.throwsAsync(box.chroot('/no/such'), { instanceOf: SyscallError });
  t.like(error, {
    name: 'SyscallError',
    syscall: 'chroot',
    call: 'chroot("/no/such")',
    errno: ERRNO.ENOENT,
    code: 'ENOENT',
    meaning: 'No such file or directory',
    message: 'chroot("/no/such") = -1 ENOENT (No such file or directory)',
  });
  t.like(box.trace[0], { result: -ERRNO.ENOENT, failed: true });
  t.is(await box.syscall('getpid'), box.pid);
});

here('Arguments that no call can take are refused by the promise, and nothing is called.', async t => {
  const box = await start(t);
  await t.throwsAsync(box.chdir('a\0b'), { instanceOf: TypeError });
  await t.throwsAsync(box.unshare(Number.NaN), { instanceOf: TypeError });
  await t.throwsAsync(box.clone(0.5), { instanceOf: TypeError });
  await t.throwsAsync(box.syscall('getpid', 1, 2, 3, 4, 5, 6, 7), { instanceOf: RangeError });
  await t.throwsAsync(box.syscall('no_such_call'), { instanceOf: TypeError, message: /no system call no_such_call/ });
  t.deepEqual(box.trace, []);
});

here('A new process by its number is refused, with the way to get one.', async t => {
  const box = await start(t);
  await t.throwsAsync(box.syscall('clone', 0), { instanceOf: WireError, message: /clone\(\)/ });
  t.is(await box.syscall('getpid'), box.pid);
});

here('Ten thousand calls that are not awaited one by one are made in order, each with its own result.', async t => {
  const file = `${folder(t)}/numbers`;
  const box = await start(t, { trace: false });
  const fd = await box.open(file, O.WRONLY | O.CREAT, 0o600);
  const lines = Array.from({ length: 10_000 }, (_, i) => `${i}\n`);
  const written = await Promise.all(lines.map(line => box.write(fd, line)));
  t.deepEqual(
    written,
    lines.map(line => line.length),
  );
  t.is(readFileSync(file, 'utf8'), lines.join(''));
  t.deepEqual(box.trace, []);
});

here('Sixteen million bytes go and come in one call.', async t => {
  const file = `${folder(t)}/large`;
  const box = await start(t);
  const bytes = Buffer.alloc(16_000_000, 'abcdefg');
  const fd = await box.open(file, O.RDWR | O.CREAT, 0o600);
  t.is(await box.write(fd, bytes), bytes.length);
  await box.syscall('lseek', fd, 0, 0);
  const back = Buffer.alloc(bytes.length);
  t.is(await box.syscall('read', fd, into(back), back.length), bytes.length);
  t.true(back.equals(bytes));

  await t.throwsAsync(box.write(fd, Buffer.alloc(17_000_000)), { instanceOf: RangeError });
  t.is(await box.syscall('getpid'), box.pid);
});

here('Memory is filled in place, and no further than it reaches.', async t => {
  const box = await start(t);
  await t.notThrowsAsync(box.chdir('/'));
  const around = Buffer.alloc(64, 0x2e);
  t.is(await box.syscall('getcwd', into(around.subarray(8, 16)), 8), 2);
  t.is(around.toString('latin1', 0, 10), '......../\0');
  t.is(around.toString('latin1', 16), '.'.repeat(48));
  t.is(await box.readlink('/proc/self/cwd'), '/');
  t.is((await box.read(await box.open('/proc/self/comm'), 100)).toString(), 'boxwright-helpe\n');
});

for (const [code, content, mode] of [
  ['ENOENT', null, 0],
  ['EACCES', '#!/bin/sh\n', 0o644],
  ['ENOEXEC', 'no program\n', 0o755],
] as const) {
  here(`An execve that fails with ${code} leaves the process as it was.`, async t => {
    const path = `${folder(t)}/command`;
    if (content !== null) writeFileSync(path, content);
    if (content !== null) chmodSync(path, mode);
    const box = await start(t, { stdio: ['ignore', 'pipe', 'inherit'] });
    const error = await t.throwsAsync<SyscallError>(box.execve(path, ['x']), { instanceOf: SyscallError });
    t.is(error?.code, code);
    t.is(await box.execve('/bin/sh', ['sh', '-c', 'echo next; exit 5']), 0);
    t.is(await output(box.stdout), 'next\n');
    t.deepEqual(await box.exited, { code: 5, signal: null });
  });
}

here('After execve the process is the command, with its arguments and environment and nothing of ours.', async t => {
  const box = await start(t, { stdio: ['pipe', 'pipe', 'inherit'] });
  await box.execve('/bin/sh', ['sh', '-c', 'echo "$0|$1|$A"; read line; echo $line', 'zero', 'a b'], { A: 'é' });
  t.is(box.trace.at(-1)?.result, 0);
  await t.throwsAsync(box.syscall('getpid'), { instanceOf: WireError, message: /^getpid\(\): .*command now/ });
  // The wire closes a moment before arguments and environment are in place.
  t.true(await eventually(() => Object.keys(readEnvironment(box.pid)).length > 0));
  t.deepEqual(readEnvironment(box.pid), { A: 'é' });
  t.deepEqual(readArguments(box.pid).slice(3), ['zero', 'a b']);
  box.stdin?.end('typed\n');
  t.is(await output(box.stdout), 'zero|a b|é\ntyped\n');
});

here('The command has the descriptors that any child of this process has, and not one more.', async t => {
  const any = spawnSync('/bin/ls', ['/proc/self/fd'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.toString();
  t.true(readDescriptors('self').size > any.split('\n').length, 'there would be something to leak');
  for (const clone of [false, true]) {
    const box = await start(t, { stdio: ['ignore', 'pipe', 'inherit'] });
    if (clone) await box.clone(own | CLONE.NEWPID);
    await box.execve('/bin/ls', ['ls', '/proc/self/fd']);
    t.is(await output(box.stdout), any);
  }
});

here('Calls sent behind an execve that succeeds are refused; the execve is not.', async t => {
  const box = await start(t);
  const results = await Promise.allSettled([box.execve('/bin/true', ['true']), box.chdir('/'), box.syscall('getpid')]);
  t.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  );
  t.deepEqual(await box.exited, { code: 0, signal: null });
});

here('Descriptors are passed on as asked: those of a number, and pipes to this process.', async t => {
  const box = await start(t, { stdio: ['ignore', 'ignore', 'inherit'], pass: ['pipe'] });
  await box.execve('/bin/sh', ['sh', '-c', 'echo through >&4'], { PATH: '/bin' });
  t.is(await output(box.passed(4)), 'through\n');
});

here('A helper that was killed meanwhile is a WireError at the call, also at execve.', async t => {
  for (const call of [(box: Process) => box.syscall('getpid'), (box: Process) => box.execve('/bin/true', ['true'])]) {
    const box = await start(t);
    await box.chdir('/');
    process.kill(box.pid, 'SIGKILL');
    t.true(await eventually(() => !alive(box.pid)));
    await t.throwsAsync(call(box), { instanceOf: WireError, message: /^(getpid|execve)\(.*ended before it answered$/ });
    t.deepEqual(await box.exited, { code: null, signal: 'SIGKILL' });
    await t.throwsAsync(call(box), { instanceOf: WireError });
  }
});

here('An execve that a killed helper never read is no success, even when nothing was known of its death.', async t => {
  for (const stopped of [false, true]) {
    const box = await start(t);
    await box.chdir('/');
    const { pid } = box;
    const isIn = (states: string) =>
      new RegExp(`^State:\\s+[${states}]`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    // All without giving Node a moment in which to notice.
    process.kill(pid, stopped ? 'SIGSTOP' : 'SIGKILL');
    while (!isIn(stopped ? 'T' : 'ZX'));
    const execve = box.execve('/bin/true', ['true']);
    if (stopped) process.kill(pid, 'SIGKILL');
    await t.throwsAsync(execve, { instanceOf: WireError, message: /^execve\(.*ended before it answered$/ });
    t.is(box.trace.at(-1)?.result, null);
  }
});

here('A process that closes its own wire is a WireError, not a hang.', async t => {
  const box = await start(t);
  await t.throwsAsync(box.close_range(3, 0xffff_ffff), { instanceOf: WireError, message: /^close_range\(3, / });
  await box.exited;
});

here('kill sends a signal, and says false when there is nobody left.', async t => {
  const box = await start(t);
  await box.execve('/bin/sleep', ['sleep', '600']);
  t.true(box.kill('SIGUSR1'));
  t.deepEqual(await box.exited, { code: null, signal: 'SIGUSR1' });
  t.false(box.kill('SIGUSR1'));
  t.false(box.kill('SIGKILL'));
});

const states: Record<string, (box: Process) => Promise<unknown>> = {
  'that has just started': async () => {},
  'after clone': box => box.clone(own | CLONE.NEWUTS),
  'that is process 1 of a namespace, with another below': async box => {
    await box.clone(own | CLONE.NEWPID);
    await box.clone(CLONE.NEWPID);
  },
  'that is a command': box => box.execve('/bin/sleep', ['sleep', '600']),
  'that is a command which ignores signals, in a namespace': async box => {
    await box.clone(own | CLONE.NEWPID);
    await box.execve('/bin/sh', ['sh', '-c', 'trap "" TERM INT HUP; while :; do sleep 1; done'], { PATH: '/bin' });
  },
  'that is stopped': async box => {
    await box.clone(own | CLONE.NEWPID);
    process.kill(box.pid, 'SIGSTOP');
  },
  'that waits within a call': async box => {
    const pause = box.syscall('ppoll', null, 0, null, null);
    pause.catch(() => {});
    await box.syscall('getpid').catch(() => {});
  },
  'that has ended': async box => {
    await box.execve('/bin/true', ['true']);
    await box.exited;
  },
};

for (const [state, bring] of Object.entries(states)) {
  here(`end() ends a process ${state}, also when called twice.`, async t => {
    const box = await start(t);
    const supervisor = box.pid;
    if (state === 'that waits within a call') void bring(box);
    else await bring(box);
    const exits = await Promise.all([box.end(), box.end()]);
    t.deepEqual(exits[0], exits[1]);
    t.deepEqual(await box.end(), exits[0]);
    // Where it took longer than a second the supervisor was killed, and the process goes behind it.
    t.true(await eventually(() => !alive(supervisor) && !alive(box.pid)));
    await t.throwsAsync(box.syscall('getpid'), { instanceOf: WireError });
  });
}

here('Processes that stand ready are taken one by one, each as fresh as any; then new ones are started.', async t => {
  await Process.keepReady(2);
  const boxes = [await start(t), await start(t, { trace: false }), await start(t)];
  const pids = await Promise.all(boxes.map(box => box.syscall('getpid')));
  t.deepEqual(
    pids,
    boxes.map(box => box.pid),
  );
  t.deepEqual(
    boxes.map(box => box.trace.length),
    [1, 0, 1],
  );
  t.is(new Set(pids).size, 3);
  await boxes[0]?.execve('/bin/sh', ['sh', '-c', 'exit 3']);
  t.deepEqual(await boxes[0]?.exited, { code: 3, signal: null });
});

here('One that stands ready is not for who wants pipes, and one that was ended is not taken.', async t => {
  await Process.keepReady(1);
  const piped = await start(t, { stdio: ['ignore', 'pipe', 'inherit'] });
  await piped.execve('/bin/echo', ['echo', 'through a pipe']);
  t.is(await output(piped.stdout), 'through a pipe\n');
  const ready = await start(t);
  await ready.end();
  t.is(await (await start(t)).syscall('getuid'), process.getuid?.() ?? -1);
});

here('Processes that stand ready do not keep Node running, and end with it.', async t => {
  const script = `const { Process } = await import(${JSON.stringify(new URL('./index.ts', import.meta.url).href)});
    await Process.keepReady(2);
    const [{ readChildren }] = [await import(${JSON.stringify(new URL('./proc.ts', import.meta.url).href)})];
    console.log(readChildren(process.pid).join(' '));`;
  const { stdout, status } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  t.is(status, 0);
  const pids = stdout.trim().split(' ').map(Number);
  t.is(pids.length, 2);
  t.true(await eventually(() => pids.every(pid => !alive(pid))));
});
