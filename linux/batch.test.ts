// Calls in batches: what is performed, what is foretold, and what is heard of a failure.
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test from 'ava';
import { AT, Batch, O, Process, SyscallError, WireError } from '#linux';

async function withBatch(work: (calls: Batch, folder: string, box: Process) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-batch-`);
  const box = await Process.start({ trace: false });
  try {
    await work(await Batch.take(box), folder, box);
  } finally {
    await box.end();
    rmSync(folder, { recursive: true });
  }
}

const creating = O.WRONLY | O.CREAT | O.EXCL;

test('thousands of files, each written through a descriptor whose number was foretold', t =>
  withBatch(async (calls, folder) => {
    const parent = calls.open('openat', AT.FDCWD, folder, O.RDONLY | O.DIRECTORY, 0);
    for (let i = 0; i < 3000; i++) {
      const fd = calls.open('openat', parent, `file-${i}-é`, creating, 0o600);
      const content = Buffer.from(`${i}`.repeat(i % 50));
      calls.call('pwrite64', fd, content, content.length, 3);
      // Out of order, so that the lowest free number is not always the next one.
      const second = calls.open('openat', AT.FDCWD, '/dev/null', O.RDONLY, 0);
      calls.close(fd);
      calls.close(second);
      await calls.room();
    }
    await calls.flush();
    t.is(readdirSync(folder).length, 3000);
    for (const i of [0, 7, 2999])
      t.is(readFileSync(`${folder}/file-${i}-é`, 'latin1'), i % 50 ? `\0\0\0${`${i}`.repeat(i % 50)}` : '');
  }));

test('what the process had open is closed, so that the numbers can be known', t =>
  withBatch(async (_, folder, box) => {
    writeFileSync(`${folder}/secret`, '');
    await box.open(`${folder}/secret`);
    const calls = await Batch.take(box);
    t.is(calls.open('openat', AT.FDCWD, folder, O.RDONLY, 0), 4);
    await calls.flush();
    t.is(readlinkSync(`/proc/${box.pid}/fd/4`), folder);
    t.deepEqual(readdirSync(`/proc/${box.pid}/fd`), ['0', '1', '2', '3', '4']);
  }));

test('the first failure ends it, names the call and what it was about, and what stands behind it is not done', t =>
  withBatch(async (calls, folder) => {
    calls.about = 'the first';
    calls.call('mkdirat', AT.FDCWD, `${folder}/a`, 0o755);
    calls.about = 'the second';
    calls.call('mkdirat', AT.FDCWD, `${folder}/a`, 0o755);
    calls.about = 'the third';
    calls.call('mkdirat', AT.FDCWD, `${folder}/b`, 0o755);
    const error = await t.throwsAsync(calls.flush(), { instanceOf: SyscallError, code: 'EEXIST' });
    t.is((error as unknown as { about: string }).about, 'the second');
    t.is(error?.message, `mkdirat(AT_FDCWD, "${folder}/a", 0755) = -1 EEXIST (File exists)`);
    t.deepEqual(readdirSync(folder), ['a']);
    calls.call('mkdirat', AT.FDCWD, `${folder}/c`, 0o755);
    await t.throwsAsync(calls.room(), { code: 'EEXIST' });
    t.deepEqual(readdirSync(folder), ['a']);
  }));

test('an error that is allowed is none, and another is', t =>
  withBatch(async (calls, folder) => {
    calls.attempt(['ENOENT'], 'unlinkat', AT.FDCWD, `${folder}/nothing`, 0);
    calls.call('mkdirat', AT.FDCWD, `${folder}/a`, 0o755);
    await calls.flush();
    t.true(statSync(`${folder}/a`).isDirectory());
    calls.attempt(['ENOENT'], 'unlinkat', AT.FDCWD, `${folder}/a`, 0);
    await t.throwsAsync(calls.flush(), { code: 'EISDIR' });
  }));

test('ask waits for the answer, a failure among them', t =>
  withBatch(async (calls, folder) => {
    t.is(await calls.ask('mkdirat', AT.FDCWD, `${folder}/a`, 0o755), 0);
    t.is(await calls.ask('mkdirat', AT.FDCWD, `${folder}/a`, 0o755), -17);
    t.is(await calls.askOpen('openat', AT.FDCWD, `${folder}/nothing`, O.RDONLY, 0), -2);
    t.is(await calls.askOpen('openat', AT.FDCWD, folder, O.RDONLY, 0), 4);
    t.is(calls.open('openat', AT.FDCWD, folder, O.RDONLY, 0), 5);
    await calls.flush();
  }));

test('a number that the kernel does not give is an error', t =>
  withBatch(async (calls, folder, box) => {
    // Behind the batch's back: now the lowest free number is 5.
    await box.open(folder);
    calls.open('openat', AT.FDCWD, folder, O.RDONLY, 0);
    await t.throwsAsync(calls.flush(), { instanceOf: WireError, message: /= 5, which should have been 4/ });
  }));

test('numbers beyond 32 bits, negative ones, memory of any length', t =>
  withBatch(async (calls, folder) => {
    const fd = calls.open('openat', AT.FDCWD, `${folder}/large`, creating, 0o600);
    const piece = Buffer.alloc(300_000, 'x');
    calls.call('pwrite64', fd, piece, piece.length, 5 * 2 ** 32 + 7);
    calls.call('pwrite64', fd, new Uint8Array(), 0, 0);
    calls.call('fchown', fd, -1, -1);
    calls.close(fd);
    await calls.flush();
    t.is(statSync(`${folder}/large`).size, 5 * 2 ** 32 + 7 + 300_000);
    t.throws(() => calls.call('mkdirat', AT.FDCWD, 'a\0b', 0), { instanceOf: TypeError, message: /NUL/ });
    t.throws(() => calls.call('no_such_call'), { instanceOf: TypeError, message: /no system call/ });
  }));

test('a process that ends meanwhile is an error, and nobody waits for ever', t =>
  withBatch(async (calls, _, box) => {
    await box.end();
    calls.call('getpid');
    await t.throwsAsync(calls.flush(), { instanceOf: WireError });
  }));
