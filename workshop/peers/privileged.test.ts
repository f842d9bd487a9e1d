// What lesson 14 shows only in a machine that nobody misses: the machine's own root without a user namespace, devices, a profile
// that AppArmor enforces. The checks are the lesson's, on its solution, in a guest.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { guestAvailable, type Kernel, runInGuest } from '../guest/index.ts';
import { unpackPackage } from '../guest/packages.ts';
import { cache, home } from '../paths.ts';

/** QEMU translates every instruction, and shares the machine's cores with the tests beside this one. */
const slowness = 20;

/** Checks these tasks there, after a command of the shell's; a task's status by its id. */
async function check(
  t: ExecutionContext,
  kernel: Kernel,
  tasks: string[],
  before = 'true',
  crashes = 2,
): Promise<Record<string, string>> {
  const script = `
    import { readFileSync } from 'node:fs';
    const { findLesson } = await import('./workshop/lessons.ts');
    const { checkLesson } = await import('./workshop/check/engine.ts');
    const lesson = findLesson('14');
    const source = readFileSync(lesson.files.solution, 'utf8');
    const options = { source, earlier: 'reference', slowness: ${slowness}, only: ${JSON.stringify(tasks)} };
    const { tasks } = await checkLesson(lesson, options);
    console.log(JSON.stringify(tasks.map(({ trace, ...task }) => task)));
    process.exit();`;
  const node = [process.execPath, '--conditions=solution', '--no-warnings', '--input-type=module', '--eval', script];
  const command = ['sh', '-c', `${before} && exec "$@"`, 'sh', ...node];
  const { stdout = '', stderr = '' } = await runInGuest(command, { kernel, cwd: home, timeout: 1200 });
  const reports = stdout.startsWith('[') ? JSON.parse(stdout) : [];
  for (const each of reports) if (each.status !== 'pass') t.log(each);
  if (reports.length === 0) t.log(stderr);
  // A processor that is emulated makes Node crash now and then (SIGSEGV), which says nothing of the lesson.
  if (reports.length === 0 && /with status 139/.test(stderr) && crashes > 0)
    return check(t, kernel, tasks, before, crashes - 1);
  return Object.fromEntries(reports.map((each: { id: string; status: string }) => [each.id, each.status]));
}

const without = (kernel: Kernel) => {
  const guest = guestAvailable({ kernel });
  return process.arch !== 'x64' ? 'the guest is Debian’s for x86-64' : guest.available ? false : guest.reason;
};

const unless = (reason: string | false, title: string, run: (t: ExecutionContext) => Promise<void>) =>
  reason ? test.skip(`${title} (skipped: ${reason})`, () => {}) : test.serial(title, run);

unless(
  without('uml'),
  'the machine’s own root is held back, and a cgroup has the devices that it was given',
  async t => {
    const tasks = ['machine-root', 'devices'];
    t.deepEqual(await check(t, 'uml', tasks), { 'machine-root': 'pass', devices: 'pass' });
  },
);

/** The program that loads profiles, out of Debian's package: installed, it would load the machine's own at every start. */
async function parser(): Promise<string> {
  const kept = `${cache}/apparmor_parser`;
  if (existsSync(kept)) return kept;
  const work = mkdtempSync(`${cache}/apparmor-`);
  try {
    await unpackPackage('apparmor', `${work}/tree`, work, () => {});
    renameSync(`${work}/tree/sbin/apparmor_parser`, kept);
    return kept;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

unless(
  without('qemu'),
  'AppArmor enforces the profile that was asked for; Landlock’s folders hold beside it',
  async t => {
    mkdirSync(cache, { recursive: true });
    const profile = `${cache}/apparmor-profile`;
    writeFileSync(
      profile,
      'profile boxwright flags=(attach_disconnected) { file, capability, network, mount, signal, unix, }\n',
    );
    const load = `mount -t securityfs none /sys/kernel/security 2>/dev/null; ${await parser()} --skip-cache --replace ${profile}`;
    t.deepEqual(await check(t, 'qemu', ['labelled', 'folders'], load), { labelled: 'pass', folders: 'pass' });
  },
);
