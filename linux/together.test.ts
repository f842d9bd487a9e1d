// Several calls in one frame: made with nothing read or written in between, and only as far as they succeed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { ExecutionContext } from 'ava';
import { CLONE, ERRNO, type Process, readStatus, SyscallError, WireError } from './index.ts';
import { forbid, helper, here, own, start } from './kit.ts';

function folder(t: ExecutionContext): string {
  const dir = mkdtempSync(`${tmpdir()}/boxwright-together-`);
  t.teardown(() => rmSync(dir, { recursive: true }));
  return dir;
}

here('Calls of one frame are made in order, and each has its result.', async t => {
  const dir = folder(t);
  const box = await start(t);
  const results: Promise<unknown>[] = [];
  await box.together(() => {
    results.push(box.mkdir(`${dir}/a`), box.symlink('target', `${dir}/a/l`), box.readlink(`${dir}/a/l`));
    results.push(box.syscall('getpid'));
  });
  t.deepEqual(await Promise.all(results), [0, 0, 'target', box.pid]);
  await box.together(() => {});
});

here('A frame stops at the first failure, which is what together throws; what was before it is done.', async t => {
  const dir = folder(t);
  const box = await start(t);
  let results: Promise<unknown>[] = [];
  const error = await t.throwsAsync(
    box.together(() => {
      results = [box.syscall('getpid'), box.mkdir(`${dir}/a`), box.rmdir(`${dir}/none`), box.mkdir(`${dir}/b`)];
    }),
    { instanceOf: SyscallError },
  );
  t.like(error, { code: 'ENOENT', syscall: 'unlinkat' });
  t.true(existsSync(`${dir}/a`));
  t.false(existsSync(`${dir}/b`));

  const settled = await Promise.allSettled(results);
  t.deepEqual(
    settled.map(each => (each.status === 'fulfilled' ? each.value : each.reason.name)),
    [box.pid, 0, 'SyscallError', 'WireError'],
  );
  t.deepEqual(
    box.trace.map(call => call.result),
    [box.pid, 0, -ERRNO.ENOENT, null],
  );
});

here('A mistake in one call of a frame keeps the whole frame from being sent.', async t => {
  const dir = folder(t);
  const box = await start(t);
  const mistakes: ((box: Process) => unknown)[] = [
    box => box.prctl(Number.NaN),
    box => box.chdir('a\0b'),
    box => box.syscall('no_such_call'),
    () => {
      throw new TypeError('of the caller');
    },
  ];
  for (const mistake of mistakes) {
    let first: Promise<unknown> | undefined;
    const frame = box.together(() => {
      first = box.mkdir(`${dir}/never`);
      mistake(box);
      box.mkdir(`${dir}/never`);
    });
    await t.throwsAsync(frame, { instanceOf: TypeError });
    await t.throwsAsync(first ?? Promise.resolve(), { instanceOf: WireError, message: /not made/ });
  }
  t.false(existsSync(`${dir}/never`));
  t.is(await box.syscall('getpid'), box.pid);
});

here('clone ends a frame, and the child has taken over when together returns.', async t => {
  const box = await start(t);
  const parent = box.pid;
  await box.together(() => [box.setsid(), box.clone(own | CLONE.NEWPID)]);
  t.not(box.pid, parent);
  t.is(await box.syscall('getpid'), 1);
  t.deepEqual(readStatus(box.pid).parent, parent);

  const frame = box.together(() => [box.clone(0), box.chdir('/')]);
  await t.throwsAsync(frame, { message: /clone\(\) must be the last/ });
  t.is(await box.syscall('getpid'), 1);
});

here(
  'What an asynchronous function does after its first await happens after the frame, and fails where it fails.',
  async t => {
    const box = await start(t);
    const order: string[] = [];
    const frame = box.together(async () => {
      await box.syscall('getpid');
      order.push('after the frame');
      await box.chdir('/no/such');
    });
    await t.throwsAsync(frame, { instanceOf: SyscallError });
    t.deepEqual(order, ['after the frame']);
    await t.throwsAsync(
      box.together(() => box.together(() => {})),
      { message: /already/ },
    );
  },
);

here('With read, write, sendto and recvfrom forbidden, execve in the same frame still succeeds.', async t => {
  const box = await start(t, { stdio: ['ignore', 'pipe', 'pipe'] });
  await box.together(() => {
    forbid(box, ERRNO.EPERM, 'read', 'write', 'sendto', 'recvfrom', 'writev');
    // A command that is linked statically, reads nothing, and ends with 2 where descriptor 3 is no socket: the helper.
    box.execve(helper, ['helper']);
  });
  t.deepEqual(await box.exited, { code: 2, signal: null });
  t.is((await box.stderr?.toArray())?.join(''), '', 'what it had to say it could not write');
});

here('The same filter in a call of its own leaves nobody who could answer: a WireError.', async t => {
  const box = await start(t);
  await t.throwsAsync(Promise.all(forbid(box, ERRNO.EPERM, 'sendto')), {
    instanceOf: WireError,
    message: /^seccomp\(/,
  });
});

here('No promise of a frame is left rejected with nobody to hear it, whatever fails.', t => {
  const dir = folder(t);
  const script = `${dir}/script.ts`;
  writeFileSync(
    script,
    `import { CLONE, Process } from ${JSON.stringify(`${import.meta.dirname}/index.ts`)};
    const box = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'] });
    const fails = [
      () => { box.chdir('/no'); box.read(0, 1); box.readlink('/no'); box.clone(0); },
      () => { box.readlink('/no'); },
      () => { box.read(99, 1); },
      () => { box.clone(CLONE.VM); },
      () => [box.chdir('/no'), box.chdir('/')],
      () => Promise.all([box.chdir('/no'), box.readlink('/no')]),
      async () => { await box.chdir('/no'); },
      () => { box.prctl(NaN); },
      () => { box.execve('/no', ['no']); },
    ];
    let caught = 0;
    for (const fail of fails) await box.together(fail).catch(() => caught++);
    await new Promise(resolve => setTimeout(resolve, 20));
    await box.end();
    console.log(caught, fails.length);`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--unhandled-rejections=strict', script]);
  t.is(stdout.toString(), '9 9\n', stderr.toString());
  t.is(status, 0);
});
