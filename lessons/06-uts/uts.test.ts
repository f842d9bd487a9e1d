// What must be true of lesson 06's container. Names are asked of the kernel, with uname(2), by a process of ours: on the host,
// and in the UTS namespace of the container's command.
import { type Box, type Context, defaults, diagnosis, type Evidence, type Finding, type TraceLine, task } from '#check';
import { CLONE, into, type Process } from '#linux';

defaults({
  command: ['/bin/sleep', '60'],
  layers: ['/run/boxwright/images/base'],
  containers: '/run/boxwright/containers',
  // Lesson 05's matter, and many calls.
  maskedPaths: [],
  readonlyPaths: [],
});

interface Names {
  hostname: string;
  domainname: string;
}
const kinds = ['hostname', 'domainname'] as const;

task('own-namespace', async t => {
  const [unnamed, named] = [await t.contain(), await t.contain({ hostname: t.nonce('host') })];
  const boxes = [unnamed, named];
  for (const [i, box] of boxes.entries()) {
    t.ok(box.namespaces().uts !== t.host.namespaces().uts, {
      did: `started a container ${i === 0 ? 'without a name' : 'with a name'}, and looked which UTS namespace its command is in`,
      kernel: t.compareNamespace(box, 'uts'),
      means:
        'The command is in the host’s UTS namespace: it reads the host’s names, and whatever it sets, it sets there.',
      look: 'uts_namespaces(7)',
    });
  }
  t.ok(unnamed.namespaces().uts !== named.namespaces().uts, {
    did: 'started two containers, and compared their UTS namespaces',
    kernel: `uts:[${named.namespaces().uts}] for both`,
    means: 'One namespace for all containers: the last one to start names them all.',
    look: 'unshare(2), CLONE_NEWUTS',
  });
});

task('host-kept', async t => {
  const before = await namesOnHost(t);
  const [given, hacked] = [newNames(t), t.nonce('hacked')];
  await t.contain({ ...given });
  t.same(await namesOnHost(t), before, {
    did: `started a container with the hostname ${given.hostname} and the domain name ${given.domainname}`,
    kernel: `uname(2) on the host said ${show(before)}, and says ${show(await namesOnHost(t))}`,
    means: 'The container’s name was given to the host. Every program on it that asks for its name gets this one.',
    look: 'README, “A copy to change”',
  });

  const command = ['/bin/sh', '-c', `hostname ${hacked} && hostname`];
  const output = await (await t.contain({ command })).output();
  const did = `ran \`${command[2]}\` in a container`;
  t.is(output.trim(), hacked, {
    did,
    kernel: `it printed ${JSON.stringify(output)}`,
    means: 'Root in the container may change the container’s own copy. Here it could not.',
    look: 'sethostname(2), ERRORS',
  });
  t.same(await namesOnHost(t), before, {
    did,
    kernel: `uname(2) on the host says ${show(await namesOnHost(t))}`,
    means: 'Whoever is root in the container can rename the host.',
    look: 'README, “A copy to change”',
  });
});

task('hostname', async t => {
  // A dot is a byte like any other to the kernel.
  const hostname = `${t.nonce('host')}.example`;
  const box = await t.contain({ hostname });
  const did = `started a container with the hostname ${hostname}`;
  requireNamespace(t, box, did);
  const names = await namesIn(t, box);
  t.is(names.hostname, hostname, {
    did,
    kernel: `uname(2) inside: ${show(names)}`,
    means: 'The container bears another name than the one that it was given.',
    look: 'sethostname(2)',
  });
});

task('domainname', async t => {
  const [host, given] = [await namesOnHost(t), newNames(t)];
  const [both, alone] = [await t.contain({ ...given }), await t.contain({ domainname: given.domainname })];
  const expected = [given, { ...host, domainname: given.domainname }];
  for (const [i, box] of [both, alone].entries()) {
    const did = `started a container with the domain name ${given.domainname}${i === 0 ? ` and the hostname ${given.hostname}` : ' alone'}`;
    requireNamespace(t, box, did);
    const names = await namesIn(t, box);
    t.same(names, expected[i], {
      did,
      kernel: `uname(2) inside: ${show(names)}`,
      means:
        names.domainname === given.domainname
          ? 'The domain name is right, and the other is not what was asked for.'
          : 'The container has another domain name than the one that it was given.',
      look: 'README, “Two strings” · setdomainname(2)',
    });
  }
});

task('bytes', async t => {
  for (const kind of kinds) {
    const name = `${t.nonce(kind)}-café-é`;
    const box = await t.contain({ [kind]: name });
    const did = `started a container with the ${kind} ${name}: ${[...name].length} characters, ${Buffer.byteLength(name)} bytes`;
    requireNamespace(t, box, did);
    const names = await namesIn(t, box);
    t.is(names[kind], name, {
      did,
      kernel: `uname(2) inside: ${show(names)}`,
      means: 'The name is not what was given. The kernel knows bytes, no characters, and copies as many as it is told.',
      look: 'README, “Bytes” · sethostname(2)',
    });
  }
});

task('long-name', async t => {
  const before = await namesOnHost(t);
  for (const kind of kinds) {
    // Each é is two bytes: 64 of them in the first, 66 in the third.
    const random = t.nonce('n');
    const fits = random.padEnd(64, 'x');
    const tooLong = [random.padEnd(65, 'x'), random.slice(0, 6).padEnd(36, 'é')];

    const box = await t.contain({ [kind]: fits });
    requireNamespace(t, box, `started a container with a ${kind} of 64 bytes`);
    const names = await namesIn(t, box);
    t.is(names[kind], fits, {
      did: `started a container with a ${kind} of 64 bytes`,
      kernel: `uname(2) inside: ${show(names)}`,
      means: 'So much fits, and must come out as it went in.',
      look: 'README, “Bytes”',
    });

    for (const name of tooLong) {
      const did = `started a container with a ${kind} of ${Buffer.byteLength(name)} bytes, ${[...name].length} characters`;
      const refused = await t.refused(t.contain({ [kind]: name }));
      const finding: Finding = {
        did,
        kernel: refused ? `contain() threw ${refused.message}` : 'contain() returned as if all were well',
        means: refused
          ? 'It was refused, but not for the kernel’s reason: whoever gave the name wants to hear which call said EINVAL.'
          : 'It was not refused. Who asked for this name believes that the container has it.',
        look: 'README, “Bytes” · sethostname(2), ERRORS: EINVAL',
      };
      t.is(refused?.error?.code, 'EINVAL', finding);
    }
  }
  t.same(await namesOnHost(t), before, {
    did: 'started containers with names that are too long',
    kernel: `uname(2) on the host said ${show(before)}, and says ${show(await namesOnHost(t))}`,
    means: 'The host’s names have changed.',
  });
});

task('unnamed', async t => {
  const host = await namesOnHost(t);
  const box = await t.contain();
  const did = 'started a container with no name given';
  requireNamespace(t, box, did);
  const names = await namesIn(t, box);
  t.same(names, host, {
    did,
    kernel: `uname(2) on the host: ${show(host)}\nuname(2) inside: ${show(names)}`,
    means: 'Nobody asked for a name, so the copy stays as it was made.',
    look: 'Spec, hostname',
  });
});

const newNames = (t: Context): Names => ({ hostname: t.nonce('host'), domainname: t.nonce('domain') });
const show = ({ hostname, domainname }: Names) =>
  `hostname ${JSON.stringify(hostname)}, domain ${JSON.stringify(domainname)}`;

/** The two names, as the kernel tells them to a process of ours in the namespaces that it is in. uname(2) */
async function names(visitor: Process): Promise<Names> {
  // struct utsname: six fields of 65 bytes, each with a NUL at its end.
  const buffer = Buffer.alloc(6 * 65);
  await visitor.syscall('uname', into(buffer));
  const field = (n: number) => buffer.toString('utf8', n * 65, buffer.indexOf(0, n * 65));
  return { hostname: field(1), domainname: field(5) };
}

async function onHost<T>(t: Context, look: (visitor: Process) => Promise<T>): Promise<T> {
  const visitor = await t.session.sandbox.join();
  try {
    return await look(visitor);
  } finally {
    await visitor.end();
  }
}

const namesOnHost = (t: Context) => onHost(t, names);

const namesIn = (t: Context, box: Box) =>
  onHost(t, async visitor => {
    await visitor.setns(await visitor.open(`/proc/${box.status().nsPids[1]}/ns/uts`), CLONE.NEWUTS);
    return names(visitor);
  });

/** With one pair of names for both, what is read inside says nothing. */
function requireNamespace(t: Context, box: Box, did: string): void {
  t.ok(box.namespaces().uts !== t.host.namespaces().uts, {
    did,
    kernel: t.compareNamespace(box, 'uts'),
    means: 'The container has no names of its own yet: these are the host’s.',
    look: 'TODO 1 first',
  });
}

// From here on, how mistakes are recognised: in the record of the containers' system calls, once a check has failed.

const isNaming = (call: TraceLine) => /^set(host|domain)name$/.test(call.name);
const isOwn = (call: TraceLine) => ['unshare', 'clone'].includes(call.name) && /NEWUTS/.test(call.text);

/** What a naming call was told: `sethostname("é", 1)`. */
function told(call: TraceLine): { name: string; length: number } {
  const [, name = '', length = ''] = /^\w+\("(.*)", (\d+)\)/s.exec(call.text) ?? [];
  return { name, length: Number(length) };
}

/** The calls of each of the task's containers. */
const each = ({ trace }: Pick<Evidence, 'trace'>) => [...Map.groupBy(trace, call => call.pid).values()];

diagnosis('asked-of-the-host', ({ source, feedback }) => {
  const line = /^.*(?:exec(?:File)?(?:Sync)?|spawn(?:Sync)?|writeFile(?:Sync)?)\(.*name.*$/m.exec(
    source.replace(/\/\/.*$/gm, ''),
  );
  return (
    line && {
      kernel: `${line[0].trim()}\nis done by Node, on the host; ${feedback.kernel}`,
      means:
        'Node runs your file on the host, and so does every program that it starts: this names the host, or tries to. Only the ' +
        'calls of `box` are made by the process that becomes the container.',
      look: 'lesson 01, “One process, two programs”',
    }
  );
});

diagnosis('named-before-unshare', evidence => {
  for (const calls of each(evidence)) {
    const [named, own] = [calls.find(isNaming), calls.find(isOwn)];
    if (!named || !own || calls.indexOf(named) > calls.indexOf(own)) continue;
    return {
      kernel: `${named.text}\n${own.text}\n${evidence.feedback.kernel}`,
      means:
        'The order is wrong: the host was renamed, and then the container got a copy of that. Every namespace is a copy of ' +
        'what was there before.',
      look: 'README, “A copy to change”',
    };
  }
  return null;
});

diagnosis('only-when-named', evidence => {
  const containers = each(evidence);
  const without = containers.filter(calls => !calls.some(isOwn));
  return (
    without.length > 0 &&
    (without.length < containers.length || /if\s*\([^)]*name[^)]*\)\s*\{?[^;}]*NEWUTS/s.test(evidence.source)) && {
      means:
        'A container that is given a name gets a namespace, and one that is not stays in the host’s: root in it can rename ' +
        'the host. The namespace is for what it keeps out, not only for what is set in it.',
      look: 'README, “A copy to change”',
    }
  );
});

diagnosis('other-namespace', ({ trace, feedback }) => {
  const other = trace.filter(call => call.name === 'unshare' && !/\(CLONE_NEWNS\)/.test(call.text));
  const again = trace.filter(call => call.name === 'unshare' && call.pid === trace[0]?.pid);
  const made = other[0] ?? (again.length > 1 ? again.at(-1) : undefined);
  return (
    made &&
    !trace.some(isOwn) && {
      kernel: `${made.text}\n${feedback.kernel}`,
      means:
        'This flag is for a namespace of another kind. Which one holds the names? It has nothing to do with “name”.',
      look: 'namespaces(7), the table',
    }
  );
});

diagnosis('no-namespace', ({ trace }) => {
  if (trace.some(isOwn) || !trace.some(call => call.name === 'execve')) return null;
  return {
    means:
      'No call asked for a UTS namespace. The process has the two names that its parent has: the host’s, not a copy of them.',
    look: 'README, “A copy to change” · unshare(2), CLONE_NEWUTS',
  };
});

diagnosis('length-in-characters', ({ trace, feedback }) => {
  const short = trace.find(
    call =>
      isNaming(call) &&
      told(call).length === told(call).name.length &&
      told(call).length < Buffer.byteLength(told(call).name),
  );
  return (
    short && {
      kernel: `${short.text}\n${feedback.kernel}`,
      means:
        `${told(short).name} has ${told(short).length} characters, and that is how many bytes the kernel took; it has ` +
        `${Buffer.byteLength(told(short).name)}. An é is two bytes of UTF-8.`,
      look: 'README, “Bytes” · Buffer.byteLength',
    }
  );
});

diagnosis('nul-counted', ({ trace, feedback }) => {
  const long = trace.find(call => isNaming(call) && told(call).length === Buffer.byteLength(told(call).name) + 1);
  return (
    long && {
      kernel: `${long.text}\n${feedback.kernel}`,
      means:
        'This counts the NUL that ends a string in C. The kernel does not want it, and puts one there itself: with it, a name of ' +
        '64 bytes is one too long.',
      look: 'sethostname(2): ‘does not require a terminating null byte’',
    }
  );
});

diagnosis('absent-name', ({ error }) => {
  const { name, message } = error?.error ?? {};
  if (name !== 'TypeError' || !message?.includes('Received undefined')) return null;
  return {
    means: `A name that was not given is undefined, and it was passed on all the same: ${message.split('\n')[0]}`,
    look: 'Spec, hostname',
  };
});

diagnosis(
  'not-named',
  ({ trace, error }) =>
    !error &&
    trace.some(isOwn) &&
    !trace.some(isNaming) && {
      means: 'No call has set a name: the container has a copy of the host’s two, as it was made.',
      look: 'README, “Two strings” · sethostname(2), setdomainname(2)',
    },
  ['hostname', 'domainname', 'bytes', 'long-name'],
);

diagnosis(
  'domain-not-set',
  ({ trace, feedback }) =>
    trace.some(isNaming) &&
    !trace.some(call => call.name === 'setdomainname') &&
    /domain/.test(feedback.did) && {
      means: 'The hostname is one of two strings. Nobody has set the other, and it is still the host’s.',
      look: 'README, “Two strings” · setdomainname(2)',
    },
  ['domainname', 'bytes', 'long-name'],
);

diagnosis(
  'domain-only-with-host',
  ({ trace }) =>
    trace.some(isNaming) &&
    each({ trace }).some(calls => !calls.some(isNaming)) && {
      means:
        'A domain name was given, and no hostname; then neither was set. Each of the two may be given without the other.',
      look: 'Spec, domainname',
    },
  ['domainname', 'bytes', 'long-name'],
);

diagnosis(
  'await-forgotten',
  ({ trace, feedback, source }) => {
    const refused = trace.findLast(isNaming);
    return (
      refused?.code === 'EINVAL' &&
      /returned/.test(feedback.kernel) &&
      !/\bcatch\b/.test(source) && {
        kernel: `${refused.text}\n${feedback.kernel}`,
        means:
          'The kernel has refused, and nobody waited to hear it: a call returns a promise, and without an `await` its refusal is ' +
          'nobody’s.',
        look: 'every call of `box` wants an `await`',
      }
    );
  },
  ['long-name'],
);

diagnosis(
  'refusal-swallowed',
  ({ trace, feedback }) => {
    const refused = trace.findLast(isNaming);
    return (
      refused?.code === 'EINVAL' &&
      /returned/.test(feedback.kernel) && {
        kernel: `${refused.text}\n${feedback.kernel}`,
        means:
          'The kernel has refused, and your code went on: the container runs under the host’s name, and nobody is told.',
        look: 'sethostname(2), ERRORS: EINVAL',
      }
    );
  },
  ['long-name'],
);

diagnosis(
  'own-limit',
  ({ error, feedback }) =>
    ((error?.kind === 'threw' && !error.error?.call) || /contain\(\) threw/.test(feedback.kernel)) && {
      means:
        'Your code has a limit of its own. The kernel’s is 64 bytes, and it knows it best: let it refuse, and let the refusal through.',
      look: 'README, “Bytes” · sethostname(2), ERRORS: EINVAL',
    },
  ['long-name'],
);

diagnosis(
  'cut-not-refused',
  ({ trace, feedback }) => {
    const set = trace.findLast(isNaming);
    return (
      set?.result === 0 && {
        kernel: `${set.text}\n${feedback.kernel}`,
        means:
          'The name was cut to what fits. Two containers whose names begin alike now have the same one, and nobody was told.',
        look: 'README, “Bytes”',
      }
    );
  },
  ['long-name'],
);

diagnosis(
  'name-split',
  ({ trace, feedback }) => {
    const domain = trace.find(call => call.name === 'setdomainname');
    return (
      domain && {
        kernel: `${domain.text}\n${feedback.kernel}`,
        means:
          'The name was taken apart at its dot. To the kernel a dot is a byte like any other; and its domain name is that of NIS, ' +
          'not that of DNS.',
        look: 'README, “Two strings”',
      }
    );
  },
  ['hostname'],
);

diagnosis(
  'names-swapped',
  ({ trace, feedback }) => {
    const wrong = trace.find(call => /^sethostname\("domain|^setdomainname\("host/.test(call.text));
    return (
      wrong && {
        kernel: `${wrong.text}\n${feedback.kernel}`,
        means: 'The two names have changed places.',
        look: 'sethostname(2), setdomainname(2)',
      }
    );
  },
  ['hostname', 'domainname', 'bytes'],
);

diagnosis(
  'named-unasked',
  ({ trace, feedback }) => {
    const set = trace.find(isNaming);
    return (
      set && {
        kernel: `${set.text}\n${feedback.kernel}`,
        means: 'Nobody gave this name. One that is absent is not an empty one: without it, the copy stays as it is.',
        look: 'Spec, hostname',
      }
    );
  },
  ['unnamed', 'domainname'],
);
