// What must be true of lesson 01's container: what it was given, what it must not hold, and how its end is told.
import { existsSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Box, type Context, defaults, diagnosis, type Finding, task } from '#check';
import { readArguments, readDescriptors, readEnvironment, readStatus, SIG } from '#linux';

// A command that goes on, and that needs nothing of what a task may find missing: without its first argument it goes on as well.
defaults({ command: ['/bin/sleep', '60', '60'] });

task('argv', async t => {
  // With or without its first argument, this cat waits for standard input and leaves the rest for later.
  const command = ['/bin/cat', '-', '-', `${t.nonce('two')} words`, 'it’s "quoted"', '', '$HOME', 'two\nlines'];
  const box = await start(t, { command });
  const args = box.args();
  t.same(args, command, {
    did: `started a container with ${list(command)}`,
    kernel: `/proc/${box.reference.pid}/cmdline: ${list(args)}`,
    means:
      'The command must get these arguments, no others, in this order, and each as one: blanks and quotes are part of them.',
    look: 'execve(2): argv',
    ...whyOtherArguments(command, args),
  });
});

task('environment', async t => {
  const { token } = t.secrets;
  t.is(readEnvironment(t.session.runner).API_TOKEN, token, {
    did: 'looked for API_TOKEN in the environment of the process that runs your file',
    kernel: `/proc/PID/environ has none`,
    means: 'Nothing that could leak was there. This is the workshop’s fault, not yours.',
  });

  const env = { [t.nonce('A').replace('-', '_')]: 'a b = c', EMPTY: '', PATH: '/nowhere' };
  const box = await start(t, { env });
  const found = box.environment();
  t.same(found, env, {
    did: `started a container with the environment ${JSON.stringify(env)}`,
    kernel: environ(box, found),
    means: 'The command must have these variables and no others.',
    look: 'execve(2): envp · environ(7)',
    ...whyOtherEnvironment(env, found),
  });

  const unasked = await start(t, {});
  const names = Object.keys(unasked.environment());
  t.same(names.sort(), ['PATH', 'TERM'], {
    did: 'started a container for which nobody asked for an environment',
    kernel: environ(unasked, unasked.environment()),
    means: 'Then it gets `defaultEnv`: enough to find programs and to draw on a terminal, and nothing of the host’s.',
  });
});

task('path-search', async t => {
  const folder = `/run/boxwright/${t.nonce('search')}`;
  const make =
    'mkdir -p $1/denied $1/broken $1/right && touch $1/file $1/denied/cat && ln $2/bin/busybox $1/right/cat && ' +
    'echo "no program" > $1/broken/cat && chmod 755 $1/broken/cat';
  await t.host.run(['sh', '-c', make, 'sh', folder, t.image]);
  const places = [`${folder}/missing`, `${folder}/file`, `${folder}/denied`];
  const command = ['cat', '-', '-'];

  const box = await start(t, { command, env: { PATH: [...places, `${folder}/right`].join(':') } });
  const program = readlinkSync(`/proc/${box.pid}/exe`);
  const did = `put a cat that nobody may execute into ${folder}/denied and a good one into …/right, and looked for cat in …/missing, …/file, …/denied and …/right`;
  t.is(program, `${folder}/right/cat`, {
    did,
    kernel: `/proc/${box.reference.pid}/exe -> ${program}`,
    means:
      'The program was looked for elsewhere: in the PATH of this process, or in the default one. The PATH that counts is in the environment that the command gets.',
    look: 'candidates(): its second argument',
    diagnosis: 'other-path',
  });
  t.same(box.args(), command, {
    did,
    kernel: `/proc/${box.reference.pid}/cmdline: ${list(box.args())}`,
    means:
      'Where the program was found is the first argument of execve. argv[0] is what the command was called, and stays `cat`: some programs, like busybox, decide by that name what they are.',
    look: 'execve(2): argv',
    diagnosis: 'argv0-replaced',
  });

  const nowhere = [`${folder}/missing`, `${folder}/denied`, `${folder}/file`];
  const refusal = await refusedStart(t, { command, env: { PATH: nowhere.join(':') } });
  t.is(refusal.code, 'EACCES', {
    did: 'looked for cat in …/missing, …/denied and …/file, none of which has one that may be executed',
    kernel: `your code threw ${refusal.code}, for ${refusal.call}`,
    means:
      'There is a cat, and it may not be executed: EACCES. The last folder’s ‘there is none’ must not take its place, or the user looks for a missing file that is there.',
    look: 'exec(3), the paragraph on EACCES',
    diagnosis: 'last-refusal-wins',
  });

  const broken = await refusedStart(t, { command, env: { PATH: `${folder}/broken:${folder}/right` } });
  t.is(broken.code, 'ENOEXEC', {
    did: 'looked for cat in …/broken and …/right; the first is an executable file that is no program',
    kernel: `your code threw ${broken.code}, for ${broken.call}`,
    means:
      'The first cat is there and may be executed, but the kernel does not know what to do with it: ENOEXEC. That is the answer.',
    look: 'execve(2), ERRORS: ENOEXEC',
  });
});

task('descriptors', async t => {
  const { fd } = t.secrets;
  const secret = readDescriptors(t.session.runner).get(fd);
  // Linked statically: for another one the loader opens its libraries first, as descriptor 3.
  const box = await start(t, { command: [`${t.image}/bin/busybox`, 'sleep', '60'] });
  const leaked = [...box.descriptors()].filter(([each]) => each > 2);
  t.ok(secret !== undefined && leaked.length === 0, {
    did: `had ${secret} open as descriptor ${fd}, started a container, and listed what it has open`,
    kernel: leaked.map(([each, target]) => `/proc/${box.reference.pid}/fd/${each} -> ${target}`).join('\n'),
    means: 'The command can read what is open on these, whatever permissions and paths say: it was opened already.',
    look: 'README, “What it takes along” · close_range(2)',
  });
});

task('stdio', async t => {
  const line = t.nonce('line');
  const own = readDescriptors(t.session.runner);
  const box = await start(t, {
    command: ['/bin/sh', '-c', 'read -r line; echo "out: $line"; echo "err: $line" >&2; :'],
  });
  const found = box.descriptors();
  for (const [fd, name] of ['input', 'output', 'error'].entries()) {
    t.is(found.get(fd), own.get(fd), {
      did: 'started a container, and compared its standard descriptors with those of the process that runs your file',
      kernel: `/proc/${box.reference.pid}/fd/${fd} -> ${found.get(fd) ?? '(closed)'}, and not ${own.get(fd)}`,
      means: `This is its standard ${name}. It must be that of whoever started the container: their terminal, their pipe.`,
      look: 'stdin(3)',
    });
  }
  t.session.input(`${line}\n`);
  const output = await box.output();
  for (const each of [`out: ${line}`, `err: ${line}`]) {
    t.ok(output.includes(each), {
      did: `wrote ${line} to the standard input of a command that says it again on its standard output and error`,
      kernel: `it said ${JSON.stringify(output)}, and not ${each}`,
      means: 'What goes in must reach the command, and what it says must come out.',
      look: 'stdin(3)',
    });
  }
});

task('exit-status', async t => {
  const some = 3 + Math.floor(Math.random() * 120);
  for (const status of [some, 0, 255]) {
    // One takes a moment, so that an answer before its end is a guess.
    const moment = status === some ? 'sleep 0.02; ' : '';
    const box = await t.contain({ command: ['/bin/sh', '-c', `${moment}exit ${status}`] });
    await requireCommand(t, box);
    const said = await t.call('exitStatus', box);
    const did = `ran sh -c 'exit ${status}' in a container, and called exitStatus(box)`;
    t.ok(!existsSync(`/proc/${box.pid}`), {
      did,
      kernel: `it returned ${said}, and the command was still running`,
      means: 'Nobody can know the status of a command that has not ended yet: it must be waited for.',
      look: 'wait(2)',
      diagnosis: 'not-waited',
    });
    t.is(said, status, {
      did,
      kernel: `exit_group(${status}) by the command; exitStatus returned ${said}`,
      means: 'The status must come through as it is, every one of 0 to 255: scripts, make and CI decide by it.',
      look: 'wait(2), _exit(2)',
      ...(said === 0 && { diagnosis: 'status-dropped' }),
    });
  }
});

task('signal', async t => {
  for (const signal of ['SIGKILL', Math.random() < 0.5 ? 'SIGTERM' : 'SIGUSR1'] as const) {
    const box = await start(t);
    box.kill(signal);
    const said = await t.call('exitStatus', box);
    t.is(said, 128 + SIG[signal], {
      did: `ended a container with ${signal}, which is number ${SIG[signal]}, and called exitStatus(box)`,
      kernel: `killed by signal ${SIG[signal]}; exitStatus returned ${said}`,
      means: `A status of 0 to 255 cannot hold both ‘it ended with n’ and ‘signal n ended it’. Shells say 128 + n for the second: here ${128 + SIG[signal]}.`,
      look: 'README, “How it ends” · wait(2)',
      ...whyOtherStatus(said, SIG[signal]),
    });
  }
});

task('failure', async t => {
  const folder = `/run/boxwright/${t.nonce('refused')}`;
  const make = 'mkdir -p $1 && touch $1/plain && printf "no program" > $1/garbage && chmod 755 $1/garbage';
  await t.host.run(['sh', '-c', make, 'sh', folder]);
  const cases = [
    ['ENOENT', 127, [t.nonce('no-such-program')], 'a name that no folder of PATH has'],
    ['ENOENT', 127, [`${folder}/nothing`], 'a path where there is nothing'],
    ['EACCES', 126, [`${folder}/plain`], 'a file without permission to execute'],
    ['ENOEXEC', 126, [`${folder}/garbage`], 'a file that may be executed and is no program'],
  ] as const;
  for (const [code, status, command, what] of cases) {
    const refusal = await refusedStart(t, { command });
    const said = await t.call('run', { command });
    t.is(said, status, {
      did: `called run() with ${command[0]}, ${what}`,
      kernel: `${refusal.call} = -1 ${refusal.code}; run returned ${said}`,
      means:
        status === 127
          ? '127 says: there is no such program. Whoever reads it looks for a missing file or a misspelt name.'
          : '126 says: it is there, and cannot be executed. Whoever reads 127 instead would look for a file that is not missing.',
      look: `execve(2), ERRORS: ${code}`,
      ...([126, 127].includes(Number(said)) && { diagnosis: 'not-found-or-not-executable' }),
    });
  }
});

task('nothing-left', async t => {
  const before = new Set(t.host.processes());
  const left = () => t.host.processes().filter(pid => !before.has(pid));
  const describe = () =>
    left()
      .map(pid => `${readlink(`/proc/${pid}/exe`) || 'a process'}, state ${readStatus(pid).state}`)
      .join('\n');

  const box = await start(t);
  box.kill();
  t.ok(await t.until(() => left().length === 0, 1000), () => ({
    did: 'ended a container, and listed the processes that are left',
    kernel: describe(),
    means: 'State Z is a zombie: it has ended, and nobody has asked for its status. Any other is still running.',
    look: 'wait(2), NOTES',
  }));

  await refusedStart(t, { command: [`/${t.nonce('no-such-program')}`] });
  t.ok(await t.until(() => left().length === 0, 300), () => ({
    did: 'tried to start a container with a program that is not there, and listed the processes that are left',
    kernel: describe(),
    means:
      'execve failed, and the process is still there, waiting for calls. Whoever started it knows no handle of it: contain threw. So contain must end it first; `build` does.',
    look: 'linux/build.ts',
    diagnosis: 'helper-left',
  }));
});

const list = (args: readonly string[]) => JSON.stringify(args).replaceAll('","', '", "');

const environ = (box: Box, found: Record<string, string>) =>
  `/proc/${box.reference.pid}/environ: ${
    Object.keys(found)
      .map(name => `${name}=${(found[name] ?? '').slice(0, 24)}`)
      .slice(0, 8)
      .join(' ') || '(empty)'
  }`;

function readlink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It has ended, or is a zombie, which has no program any more.
    return '';
  }
}

const isHelper = (pid: number) => readlink(`/proc/${pid}/exe`).endsWith('/boxwright-helper');

/**
 * Starts a container, and makes sure that it has become a command that goes on. A `contain` that waits for the command's end
 * would never return: the command is looked for, and ended.
 */
async function start(t: Context, spec: Record<string, unknown> = {}): Promise<Box> {
  const before = new Set(t.host.processes());
  const contained = t.contain(spec);
  const settled = contained.then(
    () => true,
    () => true,
  );
  for (let seen = 0; !(await Promise.race([settled, sleep(250 * t.session.slowness, false)])); ) {
    const command = t.host.processes().find(pid => !before.has(pid) && !isHelper(pid));
    if (!command || ++seen < 2) continue;
    const kernel = `${list(readArguments(command))} is running; contain() has not returned`;
    t.session.kill(command, 'SIGKILL');
    await settled;
    t.fail({
      did: 'started a container with a command that goes on, and waited for contain()',
      kernel,
      means:
        'contain() must hand over the process as soon as the command runs: how else could one look at it, or stop it? Waiting ' +
        'for the end is for exitStatus, which its caller calls.',
      look: 'every `await` on `box.exited`',
      diagnosis: 'waits-inside',
    });
  }

  const box = await contained;
  await requireCommand(t, box);
  // The wire closes a moment before the rest of the descriptors, and before arguments and environment are in place.
  await t.until(() => box.args().length > 0, 300);
  await t.until(() => Object.keys(box.environment()).length > 0, 30);
  return box;
}

/** Nothing else can be asked of a process that is still the one that Process.start() started. */
async function requireCommand(t: Context, box: Box): Promise<void> {
  t.ok(await t.until(() => !isHelper(box.pid), 50), () => ({
    did: t.did,
    kernel: `/proc/${box.reference.pid}/exe -> ${readlink(`/proc/${box.pid}/exe`)}`,
    means:
      'contain() has returned, and the process is what it was at the start: it waits on its wire for the next call. It has ' +
      'not become the command. That is TODO 1.',
    look: 'execve(2)',
  }));
}

/** Expects contain() to throw what execve said; returns that. */
async function refusedStart(t: Context, spec: { command: readonly string[]; env?: Record<string, string> }) {
  const thrown = await t.refused(t.contain(spec));
  const error = thrown?.error;
  if (error?.syscall === 'execve') return error;
  if (error) throw thrown;

  const box = t.boxes.at(-1);
  const tried = (await box?.trace())?.filter(call => call.name === 'execve') ?? [];
  return t.fail({
    did: `started a container with ${list(spec.command)}, which cannot be executed`,
    kernel: [
      ...(tried.length > 0 ? tried.map(call => call.text).slice(-3) : ['no execve']),
      'and contain() returned as if all were well',
    ].join('\n'),
    ...whyReturned(tried.map(call => call.result)),
  });
}

/** Why contain() returned although it should have thrown, from the results of execve. */
function whyReturned(results: (number | null)[]): Pick<Finding, 'means' | 'look' | 'diagnosis'> {
  if (results.length === 0) {
    return {
      means: 'Nobody has asked the kernel to execute it, so nobody can know.',
      look: 'TODO 1 first · execve(2)',
    };
  }
  if (results.includes(0)) {
    return {
      diagnosis: 'search-went-on',
      means:
        'Another program was executed in its place. ‘It is not there’ and ‘you may not’ speak of one folder, and the next may do ' +
        'better. Any other refusal (no program, no memory) is about the program that was meant, and must be heard.',
      look: 'exec(3), DESCRIPTION',
    };
  }
  return {
    diagnosis: 'refusal-swallowed',
    means:
      'execve was refused, and nobody was told: contain() must throw the kernel’s answer, or its caller takes the start for a ' +
      'success.',
    look: 'execve(2), RETURN VALUE',
  };
}

type Reason = Pick<Finding, 'means' | 'diagnosis'> | undefined;

function whyOtherArguments(command: string[], args: string[]): Reason {
  if (list(args) === list(command.slice(1))) {
    return {
      diagnosis: 'argv0-forgotten',
      means:
        'The path only says which file to execute. The command’s arguments begin with argv[0], its own name: without it every ' +
        'argument moves up by one, and the first is taken for the name.',
    };
  }
  if (args[0] !== command[0] && list(args.slice(1)) === list(command.slice(1))) {
    return {
      diagnosis: 'argv0-replaced',
      means:
        'argv[0] is the name by which the command was called. It need not be the file’s, and some programs go by it.',
    };
  }
  return undefined;
}

function whyOtherEnvironment(env: Record<string, string>, found: Record<string, string>): Reason {
  const names = Object.keys(found);
  const extra = names.filter(name => !(name in env));
  if (extra.includes('API_TOKEN')) {
    return {
      diagnosis: 'environment-leaked',
      means:
        'The variables of the process that runs your file came along, API_TOKEN with its secret among them. execve adds none ' +
        'by itself: somebody put them into its third argument.',
    };
  }
  if (names.length === 0) {
    return {
      diagnosis: 'environment-forgotten',
      means:
        'The command has no environment at all. execve hands over what its third argument holds, and nothing else.',
    };
  }
  if (extra.length > 0) {
    return {
      diagnosis: 'environment-added-to',
      means:
        `Nobody asked for ${extra.join(' and ')}. A default takes the place of an environment that is absent; mixed into one that ` +
        'is there, it leaves no way to ask for less.',
    };
  }
  return undefined;
}

function whyOtherStatus(said: unknown, signal: number): Reason {
  if (said === 0) {
    return {
      diagnosis: 'signal-as-success',
      means:
        '0 means that all went well. A command that was killed has no status of its own: `code` is null, and `signal` says why. ' +
        'Whoever puts 0 in the place of the null calls a crash a success.',
    };
  }
  if (said === null || said === undefined) {
    return {
      diagnosis: 'signal-as-nothing',
      means:
        'That is no number. A command that was killed has no status of its own, `code` is null; `signal` is the name of what ' +
        'ended it, and your number has to come from there.',
    };
  }
  if (said === signal) {
    return {
      diagnosis: 'signal-unmarked',
      means: `A command that ends by itself with status ${signal} would look the same. Shells set the two apart by adding 128.`,
    };
  }
  return undefined;
}

diagnosis('standard-descriptors', ({ trace, find }) => {
  const range = find('close_range', /^close_range\([012], /);
  return (
    range && {
      kernel: [range, find('execve', /= 0$/)].flatMap(call => call?.text ?? []).join('\n'),
      means:
        'The range begins too low. 0, 1 and 2 are standard input, output and error: the command is to keep them, and cannot ' +
        `hear or say anything without.${trace.some(call => /= 0$/.test(call.text) && call.name === 'execve') ? '' : ' And 3 is the wire.'}`,
      look: 'close_range(2): first · stdin(3)',
    }
  );
});

diagnosis(
  'through-a-shell',
  ({ find }) => {
    const shell = find('execve', /^execve\("[^"]*", \["[^"]*", "-c"/);
    return (
      shell && {
        kernel: shell.text,
        means:
          'A shell reads the arguments, glued together, as a program of its own: it splits at blanks, takes quotes away and puts ' +
          'values in the place of $HOME. A file called `; rm -rf ~` would be a command. execve takes the arguments as they are.',
        look: 'execve(2): argv',
      }
    );
  },
  ['argv', 'path-search', 'failure', 'nothing-left'],
);

diagnosis(
  'await-forgotten',
  ({ source, feedback }) => {
    const code = source.replace(/\/\/.*$/gm, '');
    const line = code.split('\n').find(each => /\.execve\(/.test(each) && !/await|return|then|=>/.test(each));
    return (
      line !== undefined &&
      !/\.execve\([^;]*\)\s*\.(then|catch)\(/.test(code) && {
        kernel: `${line.trim()}\n${feedback.kernel}`,
        means:
          'The call is made, and nobody waits for the kernel’s answer. A refusal arrives when `try` and `catch` are long past, so ' +
          'that neither the next folder is tried for its sake nor an error thrown.',
        look: 'every call on `box` returns a promise',
      }
    );
  },
  ['path-search', 'failure', 'nothing-left'],
);

diagnosis(
  'asked-node',
  ({ source, feedback }) => {
    const line = source
      .replace(/\/\/.*$/gm, '')
      .split('\n')
      .find(each => /\b(existsSync|accessSync|statSync|access|stat)\b/.test(each) && !/^import/.test(each));
    return (
      line !== undefined && {
        kernel: `${line.trim()}\n${feedback.kernel}`,
        means:
          'That asks Node, and Node looks with its own eyes: at its own root and with its own rights, a moment too early. From ' +
          'lesson 02 on the container sees other files than Node does. The one answer that counts is that of `box.execve`.',
        look: 'README, “What you write” · exec(3), the paragraph on EACCES',
      }
    );
  },
  ['path-search', 'failure'],
);

const endOfSearch: Record<string, [id: string, means: string]> = {
  ENOENT: [
    'first-refusal-final',
    'There is no such file in the first folder, and you took that for the whole answer. PATH is a list: the next folder may have it.',
  ],
  ENOTDIR: [
    'no-folder-final',
    'That entry of PATH is no folder, so that nothing can be in it: ENOTDIR says as much as ENOENT, and the next folder may have the program.',
  ],
  EACCES: [
    'denied-final',
    'One that may not be executed ended the search, although a later folder has a good one. Remember the EACCES, and go on.',
  ],
};

for (const [code, [id, means]] of Object.entries(endOfSearch)) {
  diagnosis(
    id,
    ({ error, trace }) =>
      error?.error?.syscall === 'execve' &&
      error.error.code === code &&
      error.error.call?.startsWith('execve("/') && {
        kernel: trace
          .filter(call => call.name === 'execve')
          .map(call => call.text)
          .join('\n'),
        means,
        look: 'exec(3), DESCRIPTION, on the functions that search PATH',
      },
    ['path-search'],
  );
}

diagnosis('name-as-path', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.syscall === 'execve' &&
    failed.code === 'ENOENT' &&
    /^execve\("[^"/]+"/.test(failed.call ?? '') && {
      kernel: `${failed.call} = -1 ENOENT (No such file or directory)`,
      means:
        'execve knows nothing of PATH. A name without a slash is a path like any other to it, and means a file in the folder ' +
        'where the process stands. `candidates` says which paths to ask for.',
      look: 'execve(2): pathname · exec(3)',
    }
  );
});

diagnosis('nothing-to-close', ({ error }) => {
  const failed = error?.error;
  return (
    failed?.code === 'EBADF' && {
      kernel: `${failed.call} = -1 EBADF (Bad file descriptor)`,
      means:
        'Nothing is open there, and close says so. Which descriptors are open you cannot know from here. One call deals with ' +
        'a whole range of them, and does not mind the gaps.',
      look: 'close_range(2)',
    }
  );
});

diagnosis(
  'limit-guessed',
  ({ trace, feedback }) => {
    const ends = trace.flatMap(({ name, text }) => {
      const numbers = text.match(/\d+/g)?.map(Number) ?? [];
      return name === 'close' ? numbers.slice(0, 1) : name === 'close_range' ? numbers.slice(1, 2) : [];
    });
    const highest = Math.max(...ends);
    const open = [...feedback.kernel.matchAll(/fd\/(\d+) ->/g)].map(([, fd]) => Number(fd)).filter(fd => fd > 2);
    return (
      ends.length > 0 &&
      open.length > 0 &&
      open.every(fd => fd > highest) && {
        kernel: `the highest that you dealt with: ${highest}\n${feedback.kernel}`,
        means:
          'A descriptor may have any number: dup2(2) puts one where it likes, and the limit on open files can be raised to ' +
          'a billion. The range must end at the highest number that there can be.',
        look: 'close_range(2): last, and its example with ~0U',
      }
    );
  },
  ['descriptors'],
);
