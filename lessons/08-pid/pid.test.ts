// What must be true of lesson 08's container. Who is whose child, and under which numbers, is read from /proc, from outside.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Box, type Context, defaults, diagnosis, type Evidence, type TraceLine, task } from '#check';
import { type Process, readArguments, readChildren, readStatus, SIG } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
});

task('process-1', async t => {
  const box = await t.contain();
  const did = 'started a container, and looked up its number';
  const numbers = box.status().nsPids;
  t.ok(box.namespaces().pid !== t.host.namespaces().pid, {
    did,
    kernel: `${t.compareNamespace(box, 'pid')}\nNSpid: ${numbers.slice(1).join(' ')}`,
    means: 'The command is one of the host’s processes: it has a number there, and sees and signals the others.',
    look: 'README, “A number for life”',
  });
  t.is(numbers.at(-1), 1, {
    did,
    kernel: `${t.compareNamespace(box, 'pid')}\nNSpid: ${numbers.slice(1).join(' ')}`,
    means: 'The namespace is its own, but another process is number 1 in it: when that one ends, the kernel ends all.',
    look: 'README, “A number for life”',
  });
});

task('own-proc', async t => {
  const box = await t.contain({ command: ['/bin/sh', '-c', 'sleep 60 & sleep 60 & exec sleep 60'] });
  const did = 'started a container with three processes, and listed its /proc';
  await t.until(() => family(box.pid).length === 3);
  const listed = box.list('/proc').filter(name => /^\d+$/.test(name));
  const expected = family(box.pid).map(numberInside);
  t.same(listed.map(Number).sort(), expected.sort(), {
    did,
    kernel: `/proc of the container has ${shorten(listed)}\nin its pid namespace there are ${shorten(expected.map(String))}`,
    means:
      'The container’s /proc shows another namespace than its own: a proc file system shows the one of whoever mounted it.',
    look: 'README, “A view of its own”',
  });
});

task('no-kill', async t => {
  await withVictim(t, async (victim, number) => {
    const box = await t.contain({ command: ['/bin/sh', '-c', `kill -9 ${number}`] });
    await t.until(() => ended(box.pid));
    t.ok(!(await t.until(() => ended(victim.pid), 50)), {
      did: `started process ${number} on the host, and ran \`kill -9 ${number}\` in a container`,
      kernel: `kill(${number}, SIGKILL) = 0; process ${number} of the host has ended`,
      means: 'The container’s numbers are the host’s numbers: root inside ends whatever runs outside.',
      look: 'README, “A number for life”',
    });
  });
});

task('no-door', async t => {
  t.ok(t.host.exists(t.secrets.file) && t.host.read(t.secrets.file).includes(t.secrets.text), {
    did: `looked for the host’s ${t.secrets.file}`,
    kernel: 'it is not there, or says something else',
    means: 'The secret is gone before anybody looked for it: something of yours has changed the host.',
  });
  const script = `for each in /proc/[0-9]*; do echo "$each"; cat $each/root${t.secrets.file}; done 2>/dev/null`;
  const output = await (await t.contain({ command: ['/bin/sh', '-c', script] })).output();
  const door = output.split('\n').find((_, i, lines) => lines[i + 1]?.includes(t.secrets.text));
  t.ok(!output.includes(t.secrets.text), {
    did: `read ${t.secrets.file} through the root of each process that the container sees`,
    kernel: `${door}/root${t.secrets.file} is the host’s, and says ${t.secrets.text}`,
    means: 'One of the processes in its /proc has the host’s root, and `root` leads there.',
    look: 'README, “A view of its own”',
  });
});

task('all-die', async t => {
  const seconds = someSeconds();
  const script = `sleep ${seconds} & (setsid sleep ${seconds} &) ; exec sleep ${seconds}`;
  const box = await t.contain({ command: ['/bin/sh', '-c', script] });
  const alive = () => t.host.processes().filter(pid => isCommand(pid, ['sleep', `${seconds}`]));
  const did = 'started a container of three processes, one of them in a session of its own, and killed the first';
  t.ok(await t.until(() => alive().length === 3), {
    did: 'started a container whose command starts two more processes',
    kernel: `${alive().length} of the three \`sleep ${seconds}\` run`,
    means: 'The container never had its three processes.',
  });
  box.kill();
  await t.until(() => alive().length === 0);
  const left = alive();
  const numbers = left.map(numberOnHost);
  for (const pid of left) t.session.kill(pid, 'SIGKILL');
  t.is(left.length, 0, {
    did,
    kernel: `two seconds later, ${numbers.join(' and ')} still run \`sleep ${seconds}\``,
    means: 'What the container started goes on without it, and nobody has a handle on it.',
    look: 'README, “A number for life”',
  });
});

task('under-init', async t => {
  const { box, command, did } = await startInit(t);
  const inside = [box.pid, command].map(pid => readStatus(pid).nsPids.at(-1));
  t.is(inside[0], 1, {
    did,
    kernel: `the command’s parent is ${inside[0]} in the container, the command ${inside[1]}`,
    means: 'The command has a parent, but that is not process 1: orphans will go to another.',
    look: 'README, “The first process”',
  });
});

task('mask', async t => {
  const plain = await t.contain();
  const { command, did } = await startInit(t);
  const [without, within] = [plain.status(), readStatus(command)].map(({ fields: { SigBlk, SigIgn } }) => ({
    SigBlk,
    SigIgn,
  }));
  t.same(within, without, {
    did,
    kernel: `the command’s status has SigBlk: ${within?.SigBlk}, SigIgn: ${within?.SigIgn}; without --init it has ${without?.SigBlk} and ${without?.SigIgn}`,
    means: 'Each bit is a signal that never reaches the command. A mask survives fork and execve.',
    look: 'README, “Signals that wait” · signal(7), “Signal mask and pending signals”',
  });
});

task('sealed', async t => {
  const { box, did } = await startInit(t);
  const open = [...box.descriptors()].filter(([fd]) => fd > 3);
  t.is(open.length, 0, {
    did: `${did}; then listed process 1’s descriptors`,
    kernel: open.map(([fd, target]) => `/proc/1/fd/${fd} -> ${target}`).join('\n'),
    means:
      'Init is never executed, so nothing closes what it was started with. The command, being root, finds the host’s ' +
      'files under /proc/1/fd.',
    look: 'close_range(2)',
  });
});

task('not-started', async t => {
  const before = t.host.processes().length;
  const command = [`/bin/${t.nonce('missing')}`];
  const refused = await t.refused(t.contain({ init: true, command }));
  const did = `started a container under an init, with the command ${command[0]}, which does not exist`;
  t.is(refused?.error?.code, 'ENOENT', {
    did,
    kernel: refused ? `contain threw ${refused.message}` : 'contain returned a Process, as if all were well',
    means: 'Whoever calls contain must hear that there is no container, and why: execve’s ENOENT.',
    look: 'underInit, `become`',
  });
  t.ok(await t.until(() => t.host.processes().length <= before), {
    did,
    kernel: `${t.host.processes().length - before} more processes run than before`,
    means: 'There is no command, and still something of the container is left.',
    look: 'underInit, `become`',
  });
});

task('status', async t => {
  const code = 1 + Math.floor(Math.random() * 125);
  const ends: [script: string, status: number][] = [
    [`exit ${code}`, code],
    ['kill -TERM $$', 128 + SIG.SIGTERM],
    ['kill -KILL $$', 128 + SIG.SIGKILL],
  ];
  for (const [script, status] of ends) {
    const { box, did } = await startInit(t, ['/bin/sh', '-c', `read go; ${script}`], 'tell');
    requireEnd(
      t,
      box,
      `${did}, and let it \`${script}\``,
      'The command has ended, and process 1 has not.',
      await endOf(t, box),
    );
    t.is((await box.exited()).code, status, {
      did: `${did}, and let it \`${script}\``,
      kernel: `process 1 ended with ${describeExit(await box.exited())}, not with ${status}`,
      means: 'The container does not end as its command did. Whoever waits for it sees process 1 alone.',
      look: 'README, “The first process” · wait(2), WEXITSTATUS and WTERMSIG',
    });
  }
});

task('quick', async t => {
  const count = 25;
  await startInit(t);
  const boxes = await Promise.all(
    Array.from({ length: count }, () => t.contain({ init: true, command: ['/bin/true'] })),
  );
  await t.until(() => boxes.every(({ pid }) => ended(pid)), 3000);
  const left = boxes.filter(({ pid }) => !ended(pid));
  t.is(left.length, 0, {
    did: `started ${count} containers under an init, each with \`true\`, which ends at once`,
    kernel: `${left.length} of them still run, their command ${left.every(box => readChildren(box.pid).length) ? 'a zombie' : 'gone'}`,
    means: 'The command has ended, and init goes on: it did not hear of it, or did nothing about it.',
    look: 'README, “Signals that wait”',
  });
});

task('leftover', async t => {
  const seconds = someSeconds();
  const script = `sleep ${seconds} & read go; exit 3`;
  const { box, did } = await startInit(t, ['/bin/sh', '-c', script], 'tell');
  const said = `${did}, and let it end while a process that it had started still ran`;
  requireEnd(
    t,
    box,
    said,
    'Init waits for all of its children. The container has ended when its command has.',
    await endOf(t, box),
  );
  const left = () => t.host.processes().filter(pid => isCommand(pid, ['sleep', `${seconds}`]));
  t.ok(await t.until(() => left().length === 0), {
    did: said,
    kernel: `\`sleep ${seconds}\` still runs`,
    means: 'The container has ended, and a process of it goes on.',
    look: 'README, “A number for life”',
  });
});

task('orphans', async t => {
  const [rounds, each] = [4, 250];
  const script =
    `mkfifo /tmp/gate; while read -r line; do case $line in end) : 1<>/tmp/gate;; ` +
    `make) n=0; while [ $n -lt ${each} ]; do (read -r _ </tmp/gate &); n=$((n+1)); done;; esac; done; exec sleep 60`;
  const { box, command, did } = await startInit(t, ['/bin/sh', '-c', script]);
  const orphans = () => readChildren(box.pid).filter(pid => pid !== command);
  const living = () => orphans().filter(pid => !ended(pid));
  for (let round = 1; round <= rounds; round++) {
    t.session.input('make\n');
    t.ok(await t.until(() => living().length === each, 8000), {
      did: `${did} whose command leaves ${each} orphans at a time`,
      kernel: `process 1 has ${living().length} living children beside the command in round ${round}, ${orphans().length - living().length} zombies`,
      means:
        'The orphans did not come to process 1, or the command could not start so many: zombies count as processes.',
      look: 'README, “The first process”',
    });
    await t.until(async () => {
      t.session.input('end\n');
      await sleep(20);
      return living().length === 0;
    }, 4000);
    const begun = performance.now();
    const reaped = await t.until(() => orphans().length === 0);
    t.ok(reaped, {
      did: `${did} whose command left ${each} orphans, and let them end all at once`,
      kernel: `${Math.round(performance.now() - begun)} ms later, ${orphans().length} of them are zombies (State: Z), children of process 1`,
      means: 'A process that has ended stays in the table until its parent asks how. Orphans have no parent but init.',
      look: 'README, “The first process” · wait4(2)',
    });
  }
  t.ok(!ended(command) && !ended(box.pid), {
    did: `${did} whose command left ${rounds * each} orphans`,
    kernel: `the command has ended; process 1 ${ended(box.pid) ? 'too' : 'has not'}`,
    means: 'An orphan’s end is not the command’s: the container must go on.',
    look: 'reap()',
  });
});

task('forwarded', async t => {
  const signals = ['TERM', 'HUP', 'INT', 'USR1', 'WINCH'] as const;
  const word = t.nonce('got');
  const traps = signals.map(name => `trap 'echo ${word} ${name} >>/tmp/got' ${name}`).join('; ');
  const { box, command, did } = await startInit(t, [
    ...['/bin/sh', '-c', `: >/tmp/got; (sleep 0 &); ${traps}; sleep 60 & while :; do wait; done`],
  ]);
  // The last of its traps is set, and its orphan has been process 1's.
  const caught = () => BigInt(`0x${tryStatus(command)?.fields.SigCgt ?? 0}`) & (1n << BigInt(SIG.SIGWINCH - 1));
  await t.until(() => caught() !== 0n && readChildren(box.pid).length === 1, 500);
  for (const [i, name] of signals.entries()) {
    box.kill(`SIG${name}`);
    const expected = signals.slice(0, i + 1).map(each => `${word} ${each}\n`);
    const got = () => tryRead(box.path('/tmp/got'));
    await t.until(() => got() === null || (got()?.length ?? 0) >= expected.join('').length, 1500);
    t.is(got(), expected.join(''), {
      did: `${did} whose command catches SIG${name} and notes it, and sent that to process 1`,
      kernel:
        got() === null
          ? 'process 1 has ended'
          : `the command has noted: ${got()?.replaceAll(`${word} `, 'SIG').trim().split('\n').join(', ') || 'nothing'}`,
      means:
        got() === null
          ? 'The command did not get to say good-bye.'
          : 'What was sent to process 1 did not come to the command, or not as it was.',
      look: 'README, “What comes from outside”',
    });
  }
});

/** The aim, in ms, and what a task may fail by: a machine that has other things to do may be slow. */
const [aim, bound] = [50, 250];

task('prompt', async t => {
  const measure = async () => {
    const times: number[] = [];
    while (times.length < 7) {
      const { box, command } = await startInit(t);
      box.kill('SIGTERM');
      const begun = performance.now();
      const came = await t.until(() => ended(command), 1000);
      times.push(performance.now() - begun);
      if (!came) break;
    }
    return times.sort((a, b) => a - b);
  };
  const median = (times: number[]) => times[Math.floor(times.length / 2)] ?? 0;
  let times = await measure();
  if (median(times) > bound) times = await measure();
  t.ok(times.length === 7 && median(times) <= bound, {
    did: 'sent SIGTERM to process 1 of seven containers, and waited for each command to end of it; twice',
    kernel: `it took ${times.map(Math.round).join(', ')} ms, in the median ${Math.round(median(times))} ms; the aim is ${aim} ms`,
    means: 'The signal comes late, or not at all: init was not waiting for one when it came.',
    look: 'README, “What comes from outside”',
  });
});

/** What a process is called in its own pid namespace, and what on the host. */
const numberInside = (pid: number) => tryStatus(pid)?.nsPids.at(-1) ?? 0;
const numberOnHost = (pid: number) => tryStatus(pid)?.nsPids[1] ?? 0;

/** The process and all below it. */
const family = (pid: number): number[] => [pid, ...readChildren(pid).flatMap(family)];

function tryStatus(pid: number) {
  try {
    return readStatus(pid);
  } catch {
    return null;
  }
}

function tryRead(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Gone, or a zombie. */
const ended = (pid: number) => ['Z', 'X'].includes(tryStatus(pid)?.state ?? 'X');

function isCommand(pid: number, command: string[]): boolean {
  try {
    return readArguments(pid).join(' ') === command.join(' ');
  } catch {
    return false;
  }
}

/** A duration that tells one sleep from every other. */
const someSeconds = () => 10_000 + Math.floor(Math.random() * 80_000);

const shorten = (names: string[]) => (names.length > 8 ? `${names.slice(0, 8).join(', ')}, …` : names.join(', '));

const describeExit = ({ code, signal }: { code: number | null; signal: string | null }) =>
  signal ? `a signal, ${signal}` : `status ${code}`;

/** A process of ours on the host, and what the host calls it. */
async function withVictim(t: Context, attack: (victim: Process, number: number) => Promise<void>): Promise<void> {
  const victim = await t.session.sandbox.join({ stdio: ['ignore', 'ignore', 'ignore'] });
  try {
    await victim.execve('/bin/sleep', ['sleep', '60']);
    await attack(victim, numberOnHost(victim.pid));
  } finally {
    await victim.end();
  }
}

/** A container under an init, and its command as a child of process 1. `tell`: a line, for a command that waits for one. */
async function startInit(t: Context, command = ['/bin/sleep', `${someSeconds()}`], tell?: 'tell') {
  const box = await t.contain({ init: true, command });
  const did = 'started a container under an init';
  const find = () => readChildren(box.pid).find(pid => isCommand(pid, command));
  await t.until(() => find() !== undefined, 500);
  const found = find();
  const self = isCommand(box.pid, command);
  t.ok(found !== undefined, {
    did,
    kernel: self
      ? `process 1 is the command itself: ${command.join(' ').slice(0, 60)}`
      : `process 1 has ${readChildren(box.pid).length || 'no'} children, and none of them is the command`,
    means: self ? 'There is no init: nobody reaps, and nobody passes signals on.' : 'The command has not been started.',
    look: 'README, “The first process”',
  });
  if (tell) t.session.input('go\n');
  return { box, command: found as number, did };
}

/** Waits for the container's end. Whether it came. */
const endOf = (t: Context, box: Box) => t.until(() => ended(box.pid), 1500);

function requireEnd(t: Context, box: Box, did: string, means: string, came: boolean): void {
  t.ok(came, () => ({
    did,
    kernel: `after 1.5 s, process 1 is in state ${tryStatus(box.pid)?.state}, its children ${readChildren(box.pid)
      .map(pid => `${numberInside(pid)} (${tryStatus(pid)?.state})`)
      .join(', ')}`,
    means,
    look: 'README, “The first process”',
  }));
}

// From here on, how mistakes are recognised: in the record of the container's system calls, once a check has failed.

const texts = (...calls: (TraceLine | undefined)[]) => calls.flatMap(call => call?.text ?? []).join('\n');
const codeOf = ({ source }: Evidence) => source.replace(/\/\/.*$|\/\*[\s\S]*?\*\//gm, '');
const ownNamespace = ({ find }: Evidence) => find('clone', /CLONE_NEWPID/) ?? find('unshare', /CLONE_NEWPID/);

/** The first fork with the calls of its process before it; all calls of processes that forked, and those of the others. */
function initOf({ trace }: Evidence) {
  const forks = trace.filter(call => call.name === 'fork' && (call.result ?? -1) > 0);
  const [fork] = forks;
  if (!fork) return null;
  const isInit = (call: TraceLine) => forks.some(each => each.pid === call.pid);
  return {
    fork,
    before: trace.slice(0, trace.indexOf(fork)).filter(isInit),
    all: trace.filter(isInit),
    commands: trace.filter(call => !isInit(call)),
  };
}

const named = (calls: TraceLine[], name: string) => calls.filter(call => call.name === name);

diagnosis('unshare-without-fork', evidence => {
  const unshare = evidence.find('unshare', /CLONE_NEWPID/);
  if (unshare?.result !== 0 || evidence.find('clone')) return null;
  return {
    kernel: `${unshare.text}\n${evidence.feedback.kernel}`,
    means:
      'The call succeeded, and moved nobody. A process keeps its pid namespace for life; what unshare gave is a namespace for ' +
      'the children that it is yet to have. The first of them would be process 1.',
    look: 'pid_namespaces(7) · unshare(2), CLONE_NEWPID',
  };
});

diagnosis(
  'no-pid-namespace',
  evidence => {
    if (evidence.trace.length === 0 || ownNamespace(evidence)) return null;
    const parts = evidence.trace.filter(call => ['unshare', 'clone'].includes(call.name));
    return {
      kernel: `${parts.map(call => call.text).join('\n')}\n${evidence.feedback.kernel}`,
      means: 'These are the namespaces that it has been given. None of them is for processes: CLONE_NEWPID is missing.',
      look: 'README, “A number for life” · contain()',
    };
  },
  ['process-1', 'own-proc', 'no-kill', 'no-door', 'all-die'],
);

diagnosis(
  'proc-too-early',
  evidence => {
    const [proc, clone] = [evidence.find('mount', /"proc", "/), ownNamespace(evidence)];
    if (!proc || !clone || evidence.trace.indexOf(proc) > evidence.trace.indexOf(clone)) return null;
    return {
      kernel: `${texts(proc, clone)}\n${evidence.feedback.kernel}`,
      means:
        'The order is wrong: a proc file system shows the pid namespace of the process that mounted it, for ever. This one was ' +
        'mounted when that was still the host’s.',
      look: 'README, “A view of its own” · contain()',
    };
  },
  ['own-proc', 'no-door'],
);

diagnosis('served-and-awaited', evidence => {
  const wait = evidence.find('rt_sigtimedwait');
  if (evidence.error?.kind !== 'silent' || !wait) return null;
  return {
    kernel: `execve succeeded; then ${wait.text}`,
    means:
      'The container runs, and contain has not returned: it awaits init’s work, which ends when the container does. Begin it, ' +
      'and let it go on by itself.',
    look: 'underInit, its last line',
  };
});

diagnosis('killed-in-node', evidence => {
  const kill = /^.*\bprocess\.kill\(.*$/m.exec(codeOf(evidence))?.[0].trim();
  if (!kill || !['forwarded', 'prompt'].includes(evidence.task)) return null;
  return {
    kernel: `${kill}\n${evidence.error?.message ?? evidence.feedback.kernel}`,
    means:
      'Node is a process of the host, and so is whom it signals: process 2 there is somebody else. The one who knows the ' +
      'command by this number is init.',
    look: '`init.syscall` · kill(2)',
  };
});

diagnosis('parent-executed', evidence => {
  const exec = initOf(evidence)?.all.find(call => call.name === 'execve' && call.result === 0);
  return (
    exec && {
      kernel: `fork() returned the child’s handle; then process 1 itself did\n${exec.text.slice(0, 90)}`,
      means: '`become` was given the parent’s handle. The parent is process 1, the init; the child is the command.',
      look: 'underInit, `become`',
    }
  );
});

diagnosis(
  'blocked-too-late',
  evidence => {
    const init = initOf(evidence);
    if (!init || named(init.before, 'rt_sigprocmask').length > 0) return null;
    return {
      kernel: `${init.fork.text}\n${texts(named(init.all, 'rt_sigprocmask')[0])}\n${evidence.feedback.kernel}`,
      means:
        'The order is wrong: until process 1 blocks its signals, the kernel throws them away. A short command has ended by then, ' +
        'and its SIGCHLD is gone.',
      look: 'README, “Signals that wait”',
    };
  },
  ['quick'],
);

diagnosis(
  'mask-inherited',
  evidence => {
    const init = initOf(evidence);
    if (!init || named(init.commands, 'rt_sigprocmask').length > 0) return null;
    const block = named(init.before, 'rt_sigprocmask')[0];
    return (
      block && {
        kernel: `${texts(block, init.fork)}\n${evidence.feedback.kernel}`,
        means:
          'A child begins as its parent was, with every signal blocked, and execve keeps that. Nobody has given the command its ' +
          'mask back: nothing but SIGKILL will ever reach it.',
        look: 'README, “Signals that wait” · signal(7)',
      }
    );
  },
  ['mask', 'status', 'forwarded', 'prompt'],
);

diagnosis(
  'descriptors-kept',
  evidence => {
    const init = initOf(evidence);
    if (!init) return null;
    const marks = named(init.all, 'close_range')[0];
    return {
      kernel: `${marks ? `${marks.text}\n` : ''}${evidence.feedback.kernel}`,
      means: marks
        ? 'With CLOSE_RANGE_CLOEXEC nothing is closed until execve, and init never comes to that.'
        : 'execute() has closed the command’s descriptors. Init has its own, and nobody has closed those: root inside opens ' +
          'the host’s files by /proc/1/fd.',
    };
  },
  ['sealed'],
);

diagnosis(
  'error-swallowed',
  evidence => {
    const exit = evidence.find('exit_group');
    return (
      exit && {
        kernel: `${texts(evidence.find('execve', /ENOENT/), exit)}\n${evidence.feedback.kernel}`,
        means:
          'Your code has turned the error into a status. Then a container that never was looks like one that ran and ended ' +
          'badly. Let the error through: build() ends the process, and box makes a status of it.',
        look: 'underInit, `become`',
      }
    );
  },
  ['not-started'],
);

diagnosis(
  'become-not-awaited',
  evidence => {
    const { fork } = initOf(evidence) ?? {};
    if (!fork || !evidence.feedback.kernel.startsWith('contain returned') || evidence.find('exit_group')) return null;
    return {
      // Under way, perhaps, and not answered yet.
      kernel: `${texts(fork, evidence.find('execve'))}\n${evidence.feedback.kernel}`,
      means: 'contain had returned before the kernel refused the command: nobody had waited for `become`.',
      look: 'underInit, `become`',
    };
  },
  ['not-started'],
);

diagnosis('kills-process-1', evidence => {
  const kill = evidence.find('kill', /^kill\(1, SIGKILL/);
  return (
    kill && {
      kernel: `${kill.text}\n${evidence.feedback.kernel}`,
      means:
        'The call succeeded, and nothing happened: from inside its namespace nobody can kill process 1, not even with SIGKILL, ' +
        'not even itself. It has to end by itself.',
      look: 'pid_namespaces(7), “The namespace init process” · exit_group(2)',
    }
  );
});

diagnosis('pid-of-the-host', evidence => {
  const refused = evidence.find('kill', /ESRCH/);
  const reaped = evidence.trace.find(call => call.name === 'wait4' && (call.result ?? 0) > 0);
  if (!/\.pid\b/.test(codeOf(evidence)) || !(refused ?? reaped) || evidence.find('exit_group')) return null;
  return {
    kernel: `${texts(refused ?? reaped)}\n${evidence.feedback.kernel}`,
    means:
      'A process has a number in each namespace from which it can be seen. `command.pid` is the host’s, for Node; init knows the ' +
      'command by another, which the command itself can tell.',
    look: 'README, “A number for life” · getpid(2)',
  };
});

diagnosis(
  'wait-blocks',
  evidence => {
    const wait = named(evidence.trace, 'wait4').find(call => !/WNOHANG/.test(call.text));
    return (
      wait && {
        kernel: `${named(evidence.trace, 'wait4').findLast(call => call.result === null)?.text ?? wait.text}\n${evidence.feedback.kernel}`,
        means:
          'Without WNOHANG, wait4 waits until one more child ends. In the meantime init waits for no signal: what comes is kept, ' +
          'and passed on when it is too late.',
        look: 'wait4(2), WNOHANG',
      }
    );
  },
  ['forwarded', 'prompt'],
);

diagnosis(
  'only-the-command',
  evidence => {
    const wait = evidence.find('wait4', /^wait4\((?!-1,)/);
    return (
      wait && {
        kernel: `${wait.text}\n${evidence.feedback.kernel}`,
        means:
          'This asks for one child, the command. Orphans have become init’s children too, and any of them is asked for by -1.',
        look: 'wait4(2)',
      }
    );
  },
  ['orphans'],
);

diagnosis(
  'one-for-each',
  evidence => {
    const waits = named(evidence.trace, 'wait4');
    if (waits.length === 0 || waits.some(call => call.result === 0) || evidence.find('exit_group')) return null;
    return {
      kernel: `${evidence.feedback.kernel}\nwait4 was called ${waits.length} times, and found a zombie each time`,
      means:
        'A signal that is waiting already is not kept a second time: when many children end at once, one SIGCHLD stands for all of ' +
        'them. Ask until there is none left.',
      look: 'reap() · signal(7), “Queueing and delivery semantics for standard signals”',
    };
  },
  ['orphans'],
);

/** `process 1 ended with status 15, not with 143` */
const statuses = ({ feedback }: Evidence) => /status (\d+), not with (\d+)/.exec(feedback.kernel)?.slice(1).map(Number);

diagnosis(
  'raw-status',
  evidence => {
    const exit = named(evidence.trace, 'exit_group').find(call => Number(/\d+/.exec(call.text)?.[0]) > 255);
    return (
      exit && {
        kernel: `${exit.text}\n${evidence.feedback.kernel}`,
        means:
          'What wait4 fills in is not a status yet: the status is its second byte. And of what exit_group is given, the kernel keeps ' +
          'the lowest byte alone.',
        look: 'wait(2), WEXITSTATUS · exit_group(2)',
      }
    );
  },
  ['status'],
);

diagnosis(
  'bare-signal',
  evidence => {
    const [got = 0, wanted = 0] = statuses(evidence) ?? [];
    return (
      got > 0 &&
      got + 128 === wanted && {
        means: `A command may end with status ${got} of its own accord. That signal ${got} ended it, a shell says by ${wanted}.`,
        look: 'lesson 01, exitStatus',
      }
    );
  },
  ['status'],
);

diagnosis(
  'signal-forgotten',
  evidence => {
    const [got, wanted = 0] = statuses(evidence) ?? [];
    return (
      got === 0 &&
      wanted > 128 && {
        means: `The command was ended by signal ${wanted - 128}. Then its status is 0, and the signal is in the lower 7 bits.`,
        look: 'wait(2), WIFSIGNALED',
      }
    );
  },
  ['status'],
);

diagnosis(
  'waits-for-all',
  evidence => {
    const reaped = evidence.trace.find(call => call.name === 'wait4' && (call.result ?? 0) > 0);
    if (!reaped || evidence.find('exit_group')) return null;
    return {
      kernel: `${reaped.text}, the command; exit_group was not called\n${evidence.feedback.kernel}`,
      means:
        'The command has been reaped, and init waits for the others. A daemon that the command left behind would keep the container ' +
        'up for ever. When process 1 ends, the kernel ends them.',
      look: 'reap()',
    };
  },
  ['leftover'],
);

/** The signal that a check sent, and what init made of it. */
function passing(evidence: Evidence) {
  const name = /catches (SIG\w+)/.exec(evidence.feedback.did)?.[1] ?? '';
  const taken = named(evidence.trace, 'rt_sigtimedwait').findLast(
    call => call.result === SIG[name as keyof typeof SIG],
  );
  const kills = taken ? named(evidence.trace.slice(evidence.trace.indexOf(taken)), 'kill') : [];
  const exit = taken && evidence.trace.slice(evidence.trace.indexOf(taken)).find(call => call.name === 'exit_group');
  return { name, taken, kill: kills[0], exit };
}

diagnosis(
  'another-signal',
  evidence => {
    const { name, taken, kill } = passing(evidence);
    if (!taken || !kill || kill.text.includes(name)) return null;
    return {
      kernel: `${texts(taken, kill)}\n${evidence.feedback.kernel}`,
      means: `${name} came, and another signal went on. To many programs each means something of its own.`,
      look: 'README, “What comes from outside”',
    };
  },
  ['forwarded'],
);

diagnosis(
  'init-ends-itself',
  evidence => {
    const { taken, kill, exit } = passing(evidence);
    if (!taken || kill || !exit) return null;
    return {
      kernel: texts(taken, exit),
      means:
        'Init has obeyed, and the kernel has ended the command with SIGKILL on the spot. Whoever sends a signal to the container ' +
        'means the command: it may have something to save.',
      look: 'README, “What comes from outside”',
    };
  },
  ['forwarded'],
);

diagnosis(
  'signal-dropped',
  evidence => {
    const { name, taken, kill, exit } = passing(evidence);
    if (!taken || kill || exit) return null;
    return {
      kernel: `${taken.text}: ${name}\n${evidence.feedback.kernel}`,
      means: `Init has taken ${name}, and done nothing about it. Which signals mean something to the command, init cannot know.`,
      look: 'README, “What comes from outside”',
    };
  },
  ['forwarded'],
);

diagnosis(
  'polls',
  evidence => {
    const pause = /^.*\b(?:setTimeout|setInterval|sleep)\(.*$/m.exec(codeOf(evidence))?.[0].trim();
    if (!pause) return null;
    return {
      kernel: `${pause}\n${evidence.feedback.kernel}`,
      means:
        'Init looks for signals now and then, and sleeps in between. Nobody else needs this process: it may wait in ' +
        'rt_sigtimedwait as long as it takes, and the kernel wakes it.',
      look: 'sigwaitinfo(2)',
    };
  },
  ['prompt'],
);
