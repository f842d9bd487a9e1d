// The building of the live kernel: one at a time, nothing left after Ctrl-C, and a reason where no package can be had.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { UserError } from '../../workshop/errors.ts';
import { cache } from '../../workshop/paths.ts';
import { buildLive, partsIn } from './build.ts';
import { contents } from './contents.ts';
import { live } from './testing.ts';

const { whyNot } = await live();
const program = fileURLToPath(new URL('./build.ts', import.meta.url));

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/live-build-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A build into `folder`, and what waits until it says something. */
function start(t: ExecutionContext, folder: string) {
  const child: ChildProcess = spawn(process.execPath, [program, '--into', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', text => {
    said += text;
  });
  return {
    child,
    async says(what: RegExp) {
      while (!what.test(said)) {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    },
    async ended(): Promise<number | null> {
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}

const title = 'One build at a time; the next goes on when it is interrupted, and nothing is left.';
if (whyNot) test.skip(`${title} (Skipped: ${whyNot}.)`, () => {});
else
  test.serial(title, async t => {
    const folder = folderFor(t);
    cpSync(partsIn(`${cache}/live`), partsIn(folder), { recursive: true });
    const first = start(t, folder);
    await first.says(/booting/);
    t.is(readdirSync(folder).filter(name => name.startsWith('new-')).length, 1);
    const second = start(t, folder);
    await second.says(/another build is at work/);
    first.child.kill('SIGINT');
    t.is(await first.ended(), 130);
    await second.says(/booting/);
    second.child.kill('SIGHUP');
    t.is(await second.ended(), 129);
    t.deepEqual(
      readdirSync(folder).filter(name => !/^(packages-.*|lock)$/.test(name)),
      [],
    );
  });

test.serial('Where no package can be had, it says what to do, and leaves nothing.', async t => {
  const folder = folderFor(t);
  // What apt reads: no source of packages at all.
  writeFileSync(`${folder}/apt.conf`, 'Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "/dev/null";\n');
  const before = process.env.APT_CONFIG;
  process.env.APT_CONFIG = `${folder}/apt.conf`;
  t.teardown(() => {
    if (before === undefined) delete process.env.APT_CONFIG;
    else process.env.APT_CONFIG = before;
  });
  const error = await t.throwsAsync(
    buildLive(() => {}, { into: `${folder}/live` }),
    { instanceOf: UserError },
  );
  t.regex(error?.message ?? '', /cannot get the Debian package busybox-static|flock/);
  t.regex(error?.next ?? '', /apt-get update|Vagrant/);
  t.deepEqual(readdirSync(`${folder}/live`), ['lock']);
});

test('What a state contains is named with the sources of all that went in.', t => {
  const text = contents(
    [{ name: 'busybox-static', version: '1:1.35', sources: ['busybox 1:1.35', 'glibc 2.36'] }],
    9e6,
  );
  t.regex(text, /busybox-static 1:1\.35, built from\n {4}busybox 1:1\.35: https:\/\/\S+\n {4}glibc 2\.36: https/);
  t.regex(text, /9\.0 MB/);
});
