// Lesson 14's container and crun's, asked the same: every system call that can be asked, under the policies that Docker and Podman
// ship and under our own. The answers are compared one by one, errno by errno.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import test from 'ava';
import { dockerCapabilities, dockerPolicy, errnoName, type Policy, podmanPolicy, type Rule, SYS } from '#linux';
import { askerAnswers, askerProgram, type Question } from '../check/asker.ts';
import { findProgram } from '../doctor/facts.ts';
import { unpackPackage } from '../guest/packages.ts';
import { cache, home } from '../paths.ts';
import { openSandbox } from '../sandbox/sandbox.ts';

const podmanFile = '/usr/share/containers/seccomp.json';
const missing =
  process.getuid?.() !== 0
    ? 'crun is run as root'
    : !findProgram('crun')
      ? 'there is no crun'
      : !existsSync(podmanFile) && `there is no ${podmanFile} (golang-github-containers-common)`;

/** Not asked, and why. */
const unaskable: Record<string, string> = {
  exit: 'ends the program that asks',
  exit_group: 'the same',
  fork: 'leaves two programs that ask',
  vfork: 'the same',
  pause: 'waits for a signal that nobody sends',
  rt_sigreturn: 'jumps to where no handler was',
  sync: 'waits for every disk of the machine',
};

/** A number that no process has: signals must find nobody. */
const nobody = 0x7fff_fffe;
const careful: Record<string, number[]> = {
  kill: [nobody, 0],
  tkill: [nobody, 0],
  tgkill: [nobody, nobody, 0],
  rt_sigqueueinfo: [nobody, 0, 0],
  rt_tgsigqueueinfo: [nobody, nobody, 0, 0],
  pidfd_open: [nobody, 0],
};

/** Calls about whose arguments the policies have something to say. Where a number is -1, the kernel finds nothing to do. */
const particular: Question[] = [
  ...[0, 8, 0x20000, 0x20008, 0xffffffff, 4, 0x40000, 0x20009, 0x1_0000_0000n, -1].map(persona => ({
    call: 'personality',
    args: [persona],
  })),
  ...[0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000, 0x0002_0000, 0x80].map(
    namespace => ({
      call: 'clone',
      // With CLONE_THREAD, which wants CLONE_SIGHAND, and so makes no process: EINVAL.
      args: [namespace + 0x1_0000, 0, 0, 0, 0],
    }),
  ),
  ...[2, 16, 40, -1].flatMap(family =>
    [0, 9, -1, 0x1_0000_0009n].map(protocol => ({ call: 'socket', args: [family, -1, protocol] })),
  ),
];

const questions: Question[] = [
  // crun has made its container a session already: asked twice, the second answer is the same for both.
  { call: 'setsid' },
  ...Object.keys(SYS)
    .filter(name => !(name in unaskable))
    .map(name => ({ call: name, args: careful[name] ?? Array(6).fill(-1) })),
  ...particular,
];

/** Capabilities that the two policies have rules about, and Docker's fourteen. */
const sets = {
  'Docker’s capabilities': dockerCapabilities,
  'no capabilities': [],
  'capabilities for administration': [
    ...dockerCapabilities,
    ...['CAP_SYS_ADMIN', 'CAP_SYS_BOOT', 'CAP_SYS_MODULE', 'CAP_SYS_PACCT', 'CAP_SYS_PTRACE', 'CAP_SYS_RAWIO'],
    ...['CAP_SYS_TIME', 'CAP_SYS_TTY_CONFIG', 'CAP_SYS_NICE', 'CAP_SYSLOG', 'CAP_DAC_READ_SEARCH'],
  ],
};

/**
 * The policy with every errno that a rule gives replaced by one that no call gives, so that a refusal by the filter is not
 * mistaken for one by the kernel.
 */
const disguise: Record<number, number> = { 1: 130, 22: 131, 38: 132 };
function disguised(policy: Policy): Policy {
  const errno = (given = 1) => disguise[given] ?? given;
  return {
    ...policy,
    defaultErrnoRet: errno(policy.defaultErrnoRet),
    syscalls: policy.syscalls.map(rule => ({ ...rule, errnoRet: errno(rule.errnoRet) })),
  };
}

/** As Podman makes of the common form what the OCI's config.json has: written apart from `rulesFor`, which it checks. */
function forCrun(policy: Policy, capabilities: string[]) {
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const syscalls: Rule[] = [];
  for (const { includes, excludes, ...rule } of policy.syscalls) {
    if (excludes?.arches?.includes(arch)) continue;
    if (includes?.arches && includes.arches.length > 0 && !includes.arches.includes(arch)) continue;
    if (excludes?.caps?.some(cap => capabilities.includes(cap))) continue;
    if (includes?.caps?.some(cap => !capabilities.includes(cap))) continue;
    syscalls.push({ ...rule, args: rule.args ?? [] });
  }
  return {
    defaultAction: policy.defaultAction,
    defaultErrnoRet: policy.defaultErrnoRet,
    architectures: [process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64'],
    syscalls: syscalls.map(rule => (rule.action === 'SCMP_ACT_ERRNO' ? rule : { ...rule, errnoRet: undefined })),
  };
}

let serial = 0;

/** What crun's container answers: root in a user namespace there, as in ours. */
async function askCrun(policy: Policy, capabilities: string[]): Promise<number[]> {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-seccomp-`);
  try {
    chmodSync(folder, 0o755);
    for (const each of ['rootfs', 'rootfs/proc', 'rootfs/dev', 'rootfs/sys']) mkdirSync(`${folder}/${each}`);
    writeFileSync(`${folder}/rootfs/asker`, askerProgram(questions), { mode: 0o755 });
    const run = promisify(execFile);
    await run('crun', ['spec', '--bundle', folder]);
    const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'));
    const held = { bounding: capabilities, effective: capabilities, permitted: capabilities };
    Object.assign(config.process, { terminal: false, args: ['/asker'], rlimits: [], capabilities: held });
    config.process.noNewPrivileges = true;
    config.linux.namespaces.push({ type: 'user' });
    const mappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
    Object.assign(config.linux, { uidMappings: mappings, gidMappings: mappings });
    config.linux.cgroupsPath = `/boxwright-seccomp-${process.pid}`;
    config.linux.seccomp = forCrun(policy, capabilities);
    writeFileSync(`${folder}/config.json`, JSON.stringify(config));

    // It refuses control groups of version 1 and 2 side by side: in a mount namespace of its own, those of version 2 go.
    const hybrid = '/sys/fs/cgroup/unified';
    const away = existsSync(hybrid) ? `umount -l ${hybrid}; ` : '';
    const crun = ['crun', 'run', '--bundle', folder, `boxwright-seccomp-${process.pid}-${serial++}`];
    const inside = ['--mount', '--propagation=private', 'sh', '-c', `${away}exec "$@"`, 'sh', ...crun];
    return askerAnswers((await run('unshare', inside)).stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What lesson 14's container answers, the reference's, started on the sandbox's host. */
async function askOurs(policy: Policy, capabilities: string[]): Promise<number[]> {
  const sandbox = await openSandbox({ stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const script = `
      import { writeFileSync } from 'node:fs';
      import { json } from 'node:stream/consumers';
      import { contain } from '${home}/solutions/14-privileges/privileges.ts';
      const { program, ...spec } = await json(process.stdin);
      writeFileSync('/run/boxwright/images/base/bin/asker', Buffer.from(program, 'base64'), { mode: 0o755 });
      await (await contain(spec)).exited;`;
    const spec = {
      program: askerProgram(questions).toString('base64'),
      command: ['/bin/asker'],
      layers: ['/run/boxwright/images/base'],
      containers: '/run/boxwright/containers',
      ...{ capabilities, seccomp: policy },
    };
    const args = ['node', '--conditions=solution', '--no-warnings', '--input-type=module', '--eval', script];
    await sandbox.box.execve(process.execPath, args, { PATH: process.env.PATH ?? '' });
    sandbox.box.stdin?.end(JSON.stringify(spec));
    return askerAnswers(await text(sandbox.box.stdout as Readable));
  } finally {
    await sandbox.end();
  }
}

const describe = ({ call, args = [] }: Question) => `${call}(${args.join(', ')})`;
const named = (errno = 0) => (errno === 0 ? '0' : errnoName(errno));

/** The questions to which the answers differ, with both. */
const differences = (ours: number[], theirs: number[]) =>
  questions.flatMap((question, i) =>
    i === 0 || ours[i] === theirs[i] ? [] : `${describe(question)}: ${named(ours[i])}, and crun’s ${named(theirs[i])}`,
  );

/** Docker's default.json, out of the package that has it as source; kept for the next time. */
async function dockersFile(): Promise<string> {
  const kept = `${cache}/docker-seccomp.json`;
  if (existsSync(kept)) return kept;
  const work = mkdtempSync(`${cache}/docker-seccomp-`);
  try {
    await unpackPackage('golang-github-docker-docker-dev', `${work}/tree`, work, () => {});
    const source = 'usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json';
    renameSync(`${work}/tree/${source}`, kept);
    return kept;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const dockerFile = missing ? '' : await dockersFile().catch((error: Error) => error);

for (const [name, file, ours] of [
  ['Podman', podmanFile, podmanPolicy],
  ['Docker', dockerFile, dockerPolicy],
] as const) {
  for (const [title, capabilities] of Object.entries(sets)) {
    const whole = `${name}’s policy with ${title}: crun, our compiler and our own policy answer alike`;
    const reason = missing || (file instanceof Error && file.message);
    if (reason) test.skip(`${whole} (skipped: ${reason})`, () => {});
    else {
      test.serial(whole, async t => {
        const shipped = disguised(JSON.parse(readFileSync(String(file), 'utf8')));
        const theirs = await askCrun(shipped, capabilities);
        t.true(questions.length > 350);
        t.is(theirs.length, questions.length);
        for (const errno of [0, 130]) t.true(theirs.includes(errno), 'some are allowed and some refused');

        const compiled = await askOurs(shipped, capabilities);
        t.deepEqual(differences(compiled, theirs), []);
        const own = await askOurs(disguised(ours), capabilities);
        t.deepEqual(differences(own, theirs), []);
      });
    }
  }
}
