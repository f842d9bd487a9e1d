// What must be true of the images that lesson 17 builds. They are read from the store's blobs: manifest, configuration, archives, each
// by its digest. What was run notes where it ran, and that is in a layer then.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { type Context, diagnosis, task } from '#check';
import {
  decompress,
  digestOf,
  type Entry,
  type ImageConfig,
  type Item,
  type Manifest,
  mediaTypes,
  readTar,
  refName,
  writeTar,
} from '#images';
import { directory, file, Layout, layer, symlink } from '../../workshop/check/image.ts';
import { baseRootfs } from '../../workshop/paths.ts';

/** An ordinary user's sandbox knows one user only. */
const manyUsers = process.getuid?.() === 0;
const uuid = 'cat /proc/sys/kernel/random/uuid';

task('contained', async t => {
  const site = await Site.open(t);
  const kinds = ['mnt', 'pid', 'net', 'uts', 'ipc', 'user'] as const;
  const seen = `for kind in ${kinds.join(' ')}; do readlink /proc/self/ns/$kind; done > /seen`;
  const image = await site.build(`FROM base\nRUN ${seen}; cat ${t.secrets.file} > /stolen; ls /proc > /processes`);
  const did = `built an image with RUN ${seen}`;
  const text = image.text('seen');
  const host = t.host.namespaces();
  t.ok(
    kinds.every(kind => text?.includes(`${kind}:[`) && !text.includes(`${kind}:[${host[kind]}]`)),
    {
      did,
      kernel: text?.trim()
        ? `it saw ${text.trim().replaceAll('\n', ' ')}; the host’s are ${kinds.map(kind => host[kind]).join(' ')}`
        : image.listing('seen'),
      means: text?.trim()
        ? 'The command ran in namespaces of the host.'
        : 'The command did not run in a container: it has no /proc of its own, or was not run.',
      look: 'README, “RUN”',
      ...(image.added.length > 0 && { diagnosis: 'not-contained' }),
    },
  );
  t.is(image.text('stolen'), '', {
    did: `built an image with RUN cat ${t.secrets.file} > /stolen`,
    kernel: `the layer has a file stolen: ${JSON.stringify(image.text('stolen'))}`,
    means: 'The command could read a file of the host.',
  });
  const owner = image.entry('seen');
  t.same([owner?.uid, owner?.gid], [0, 0], {
    did,
    kernel: `in the layer, the file belongs to ${owner?.uid}:${owner?.gid}`,
    means: 'Root’s file must be root’s in the layer too, and not whoever root is on this host.',
  });
});

task('layers', async t => {
  const [one, two] = [t.nonce('one'), t.nonce('two')];
  const site = await Site.open(t, [file('given', one)]);
  const image = await site.build(`FROM base\nCOPY given /given\nLABEL a=${one}\nRUN echo ${two} > /ran`);
  const did = 'built an image with COPY, LABEL and RUN';
  const { manifest, config } = image;
  const kernel = `${manifest.layers.length} layers, on a base of ${site.base.layers.length}: ${image.listing()}`;
  t.same(
    manifest.layers.slice(0, site.base.layers.length).map(each => each.digest),
    site.base.layers.map(each => each.digest),
    {
      ...{ did, kernel, means: 'The base’s layers must be the first ones, as they are.' },
    },
  );
  t.same(
    image.added.map(each => [...each.keys()].filter(path => !each.get(path)?.isFolder)),
    [['given'], ['ran']],
    {
      did,
      kernel,
      means: 'COPY and RUN make one layer each, of what that step has changed; LABEL makes none.',
      look: 'README, “A step”',
    },
  );
  t.same([image.text('given'), image.text('ran')], [one, `${two}\n`], {
    did,
    kernel,
    means: 'The files have another content.',
  });
  const steps = (config.history ?? []).map(each => `${each.created_by}${each.empty_layer ? ', no layer' : ''}`);
  t.same(steps.slice(-3), ['COPY given /given', `LABEL a=${one}, no layer`, `RUN echo ${two} > /ran`], {
    did,
    kernel: `history: ${steps.join(' | ')}`,
    means: 'The history names each step, and whether it has a layer: config.md, “history”.',
  });
});

task('removed', async t => {
  const site = await Site.open(t);
  const { folder, first, second } = site.names;
  const image = await site.build(`FROM base\nRUN rm /${folder}/${first} && mkdir /new && touch /new/f`);
  const did = `built an image with RUN rm /${folder}/${first}, a file of the base image`;
  const marks = [...image.last.keys()];
  const device = image.entry(`${folder}/${first}`);
  t.ok(device?.type !== 'character', {
    did,
    kernel: `the layer has ${folder}/${first}, a character device ${device?.major}:${device?.minor}`,
    means: 'To the overlay that device says “removed”. In a layer it is a device: whoever unpacks it makes one.',
    diagnosis: 'whiteout-as-device',
    look: 'README, “Two ways to say removed”',
  });
  const meant = marks.find(each => each.includes('.wh.'));
  t.ok(marks.includes(`${folder}/.wh.${first}`), {
    did,
    kernel: image.listing(),
    means: `The layer must have an empty file ${folder}/.wh.${first}: the mark stands before the name, not before the path.`,
    ...(meant && { diagnosis: 'whiteout-misplaced' }),
    look: 'layer.md, “Whiteouts”',
  });
  t.same(image.names(folder), [second], { did, kernel: image.listing(), means: 'Something else has gone as well.' });
});

task('replaced', async t => {
  const site = await Site.open(t);
  const { folder, first, second } = site.names;
  const fresh = t.nonce('new');
  const image = await site.build(
    `FROM base\nRUN rm -r /${folder} && mkdir /${folder} && echo ${fresh} > /${folder}/${fresh}`,
  );
  const did = `built an image with RUN rm -r /${folder}, then mkdir /${folder}`;
  const foreign = image.archive.match(/SCHILY\.xattr\.\w+\.overlay\.\w+/g) ?? [];
  t.same(image.names(folder), [fresh], {
    did,
    kernel: `${image.listing()}; below it the base has ${folder}/${first} and ${folder}/${second}`,
    means: 'The folder is a new one, and nothing in the layer says so: the base’s files show through.',
    ...(image.entry(folder) && { diagnosis: 'opaque-forgotten' }),
    look: 'layer.md, “Opaque Whiteout”',
  });
  t.same(foreign, [], {
    did,
    kernel: `in the layer’s archive there is ${foreign.join(', ')}`,
    means:
      'That is this overlay’s own note. Unpacked, and used as an overlay’s lower layer, it would mean something there.',
    diagnosis: 'overlay-notes-kept',
    look: 'images.keptXattrs()',
  });
});

task('same-digest', async t => {
  const [early, epoch] = [1_000_000_000 + random(1e8), 1_600_000_000 + random(1e8)];
  const site = await Site.open(t, [file('old', t.nonce('x'), { mtime: BigInt(early) * 1_000_000_000n })]);
  const source = 'FROM base\nCOPY old /old\nRUN echo new > /new && mkdir -p /a/b\nENV A=1\nCMD ["true"]';
  const one = await site.build(source, { epoch });
  const two = await (await site.beside()).build(source, { epoch });
  const did = `built the same file with an epoch of ${epoch}, in two stores`;
  const time = (path: string) => Number((one.entry(path)?.mtime ?? 0n) / 1_000_000_000n);
  t.same([time('old'), time('new'), time('a/b')], [early, epoch, epoch], {
    did,
    kernel: `times in the layers: old ${time('old')} (it was ${early}), new ${time('new')}, a/b ${time('a/b')}`,
    means: 'What is newer than the epoch gets its time, what is older keeps its own.',
    ...(one.entry('new') && { diagnosis: 'times-not-clamped' }),
    look: 'layerItems, newest; https://reproducible-builds.org/specs/source-date-epoch',
  });
  const when = new Date(epoch * 1000).toISOString().replace('.000Z', 'Z');
  const own = (one.config.history ?? []).slice(-4).map(each => each.created);
  t.ok(
    [one.config.created, ...own].every(each => each && Date.parse(each) === epoch * 1000),
    {
      did,
      kernel: `created: ${one.config.created}; in the history ${own.join(', ')}`,
      means: `That is now, and now is different each time. It must be ${when}.`,
      diagnosis: 'created-now',
      look: 'images.timeOf()',
    },
  );
  t.is(one.digest, two.digest, {
    did,
    kernel: `${one.digest}\n${two.digest}`,
    means: 'The same input came to two images.',
  });
});

task('again', async t => {
  const site = await Site.open(t, [file('given', t.nonce('x'))]);
  const source = `FROM base\nRUN ${uuid} > /uuid\nCOPY given /given\nENV A=1\nRUN ${uuid} > /later`;
  const [one, two, three] = [
    await site.build(source),
    await site.build(source),
    await site.build(source, { noCache: true }),
  ];
  const did = `built the same file twice, with RUN ${uuid} > /uuid`;
  const seen = [one, two].map(each => [each.text('uuid')?.trim(), each.text('later')?.trim()].join(' and '));
  t.ok(one.text('uuid') && one.text('later'), {
    did,
    kernel: one.listing(),
    means: 'The layers do not have what RUN has written.',
  });
  t.is(seen[0], seen[1], {
    did,
    kernel: `at first it noted ${seen[0]}, then ${seen[1]}`,
    means: 'The commands were run a second time, though nothing had changed.',
    look: 'images.recall(), images.remember()',
    diagnosis: 'done-again',
  });
  t.is(one.digest, two.digest, {
    did,
    kernel: `${one.digest}\n${two.digest}`,
    means: 'The same steps came to another image.',
  });
  t.ok(three.text('uuid') !== one.text('uuid') && three.text('later') !== one.text('later'), {
    did: 'built it a third time, with noCache',
    kernel: `again it noted ${three.text('uuid')?.trim()}, as before`,
    means: 'The command was not run, although everything was to be done anew.',
    look: 'Options, noCache',
    diagnosis: 'no-cache-ignored',
  });
});

task('changed-step', async t => {
  const site = await Site.open(t);
  const [a, b] = [t.nonce('a'), t.nonce('b')];
  const source = (first: string, value: string) =>
    `FROM base\nRUN ${first}\nENV WORD=${value}\nRUN ${uuid} > /uuid; echo $WORD > /word`;
  const one = await site.build(source(`echo ${a} > /a`, a));
  const two = await site.build(source(`echo ${b} > /a`, a));
  t.ok(one.text('uuid'), {
    did: 'built an image with two RUN',
    kernel: one.listing(),
    means: 'The layers do not have what RUN has written.',
  });
  t.is(two.text('a'), `${b}\n`, {
    did: `built an image with RUN echo ${a} > /a, then with RUN echo ${b} > /a`,
    kernel: `/a is ${two.text('a')?.trim()} in both`,
    means: 'Another command has the same key, and so the first one’s result.',
    look: 'cacheKey',
    diagnosis: 'inputs-not-told-apart',
  });
  t.ok(two.text('uuid') !== one.text('uuid'), {
    did: `built an image with RUN echo ${a} > /a, then with ${b} in its place; behind it stands the same RUN ${uuid} > /uuid`,
    kernel: `both noted ${one.text('uuid')?.trim()}`,
    means:
      'The later step was found in the cache, but that was the result on another image: what it is done on has changed.',
    look: 'README, “The key”',
    diagnosis: 'key-without-parent',
  });
  const three = await site.build(source(`echo ${a} > /a`, b));
  t.is(three.text('word'), `${b}\n`, {
    did: `built an image with ENV WORD=${a} and RUN echo $WORD > /word, then with WORD=${b}`,
    kernel: `/word is ${three.text('word')?.trim()}`,
    means: 'Two steps that differ have the same key. Objects, joined as text, are all called [object Object].',
    look: 'cacheKey',
    diagnosis: 'inputs-not-told-apart',
  });
});

task('changed-argument', async t => {
  const site = await Site.open(t);
  const [a, b] = [t.nonce('a'), t.nonce('b')];
  const source = `FROM base\nARG WORD=${a}\nRUN echo $WORD > /word; ${uuid} > /uuid`;
  const [one, two, three] = [
    await site.build(source),
    await site.build(source, { args: { WORD: b } }),
    await site.build(source, { args: { WORD: a } }),
  ];
  const did = `built an image with ARG WORD=${a} and RUN echo $WORD > /word, then with the argument ${b}`;
  t.is(one.text('word'), `${a}\n`, {
    did,
    kernel: `at first, /word is ${one.text('word')?.trim()}`,
    means: 'RUN did not have what ARG declares.',
  });
  t.is(two.text('word'), `${b}\n`, {
    did,
    kernel: `/word is ${two.text('word')?.trim()}`,
    means: 'The command is the same, so its key was: but it has another variable to do its work with.',
    look: 'README, “The key”',
    diagnosis: 'key-without-arguments',
  });
  t.is(three.text('uuid'), one.text('uuid'), {
    did: `${did}, then with ${a} as argument`,
    kernel: `it noted ${three.text('uuid')?.trim()}, and at first ${one.text('uuid')?.trim()}`,
    means: 'The value was the first one again, and the command was run all the same.',
  });
});

task('status', async t => {
  const site = await Site.open(t);
  const [status, mark] = [1 + random(120), t.nonce('half')];
  const before = t.host.mounts().length;
  const source = `FROM base\n\nRUN touch /${mark} && exit ${status}\nRUN echo on > /on`;
  const did = `built an image with RUN exit ${status} in line 3`;
  for (const time of ['', ', a second time']) {
    const error = await t.refused(site.start(source));
    t.ok(error, {
      did: `${did}${time}`,
      kernel: `build() came to an end, and the image is in the store`,
      means: time
        ? 'The first attempt failed, and is remembered as if it had not.'
        : `The command ended with status ${status}. Nobody asked.`,
      look: time ? 'images.remember(): when?' : 'README, “RUN”',
      diagnosis: time ? 'failure-remembered' : 'status-ignored',
    });
    t.ok(/:3\b/.test(error?.message ?? '') && error?.error?.name === 'ContainerfileError', {
      did: `${did}${time}`,
      kernel: `it ended with ${error?.error?.name}: ${error?.message}`,
      means: 'An ImageError says what is wrong with the file; then the line is added to it.',
    });
  }
  const folders = existsSync(t.host.path(`${site.store}/build`)) ? readdirSync(t.host.path(`${site.store}/build`)) : [];
  t.same([site.tags().size, folders.length, t.host.mounts().length - before], [0, 0, 0], {
    did,
    kernel: `names: ${[...site.tags().keys()].join(' ')}; folders in the store’s build/: ${folders.length}; mounts on the host: ${before}, then ${t.host.mounts().length}`,
    means: 'A build that fails leaves nothing.',
  });
});

task('environment', async t => {
  const site = await Site.open(t);
  const [a, b, c] = [t.nonce('a'), t.nonce('b'), t.nonce('c')];
  const source = `FROM base AS other\nARG OTHER=${c}\nFROM base\nARG WORD\nENV NAME=is-$WORD BOTH=env\nARG BOTH\nRUN env > /env`;
  const image = await site.build(source, { args: { WORD: a, BOTH: b } });
  const did = `built an image with ARG WORD, ENV NAME=is-$WORD BOTH=env, ARG BOTH and RUN env; WORD is ${a}, BOTH ${b}`;
  const env = new Map(
    (image.text('env') ?? '').split('\n').map(line => [line.split('=')[0], line.replace(/^.*?=/, '')]),
  );
  const kernel =
    image.text('env') === undefined ? image.listing() : `env: ${image.text('env')?.trim().replaceAll('\n', ' ')}`;
  t.ok(!image.text('env')?.includes(t.secrets.token), {
    ...{ did, kernel: `env: API_TOKEN=${t.secrets.token}`, diagnosis: 'builder-environment' },
    means:
      'That is a variable of whoever builds. What is in the image must not depend on it, and it is nobody’s business there.',
  });
  t.same([env.get('WORD'), env.get('NAME'), env.get('PATH')], [a, `is-${a}`, '/bin:/usr/bin:/sbin'], {
    ...{
      did,
      kernel,
      means: 'RUN has the variables that ENV has set, also in the base image, and what ARG has declared.',
    },
  });
  t.is(env.get('BOTH'), 'env', {
    ...{ did, kernel, means: 'Where both have a value, ENV’s counts.', diagnosis: 'argument-before-variable' },
    look: 'Dockerfile reference, “Using ARG variables”',
  });
});

task('shell', async t => {
  const site = await Site.open(t);
  const [mark, literal] = [t.nonce('m'), `list $HOME ${t.nonce('x')}`];
  const shell = `SHELL ["/bin/busybox", "env", "MARK=${mark}", "/bin/sh", "-c"]`;
  const image = await site.build(
    `FROM base\nRUN test -n "a b" && echo "$((6 * 7))" > /sum\nRUN ["touch", "/${literal}"]\n${shell}\nRUN echo $MARK > /mark`,
  );
  const did = `built an image with RUN echo "$((6 * 7))" > /sum and RUN ["touch", "/${literal}"]`;
  t.is(image.text('sum'), '42\n', {
    did,
    kernel: image.listing(),
    means: 'The string is a line for the shell, /bin/sh -c.',
  });
  t.is(image.text(literal), '', {
    did,
    kernel: image.listing(),
    means: 'A list is a program and its arguments; no shell looks at them.',
  });
  t.is(image.text('mark'), `${mark}\n`, {
    did: `built an image with ${shell}`,
    kernel: `/mark is ${image.text('mark')}`,
    means: 'After SHELL, it is another shell that gets the string.',
  });
});

task('changed-file', async t => {
  const [a, b] = [t.nonce('a'), t.nonce('b')];
  const mtime = BigInt(1_500_000_000 + random(1e8)) * 1_000_000_000n;
  const site = await Site.open(t, [file('given', a, { mtime })]);
  const source = `FROM base\nCOPY given /given\nRUN ${uuid} > /uuid`;
  const one = await site.build(source);
  await site.put([file('given', b, { mtime })]);
  const two = await site.build(source);
  const did = `built an image with COPY given /given, wrote ${b} in that file’s place, of the same time and size, and built again`;
  t.is(one.text('given'), a, { did, kernel: one.listing(), means: 'The file is not in the image.' });
  t.is(two.text('given'), b, {
    did,
    kernel: `/given is ${two.text('given')}`,
    means: 'The instruction is the same, but not what is copied: the content belongs into the key.',
    look: 'README, “The key”; images.fingerprint()',
    diagnosis: 'key-without-content',
  });
  t.ok(two.text('uuid') !== one.text('uuid'), {
    did,
    kernel: `behind it, RUN noted ${two.text('uuid')?.trim()} both times`,
    means: 'What comes after it must be done again, too.',
  });
  utimesSync(t.host.path(`${site.context}/given`), 1000, 2000);
  const three = await site.build(source);
  t.is(three.text('uuid'), two.text('uuid'), {
    did: 'built an image with COPY given /given, changed that file’s time, and built again',
    kernel: 'the steps from COPY on were done again',
    means: 'A file’s time changes with every checkout, and says nothing of its content.',
    look: 'images.fingerprint()',
    diagnosis: 'key-by-time',
  });
});

task('copied', async t => {
  const [text, other] = [t.nonce('a'), t.nonce('b')];
  const ids = manyUsers ? [1000 + random(9000), 1000 + random(9000)] : [0, 0];
  const tree = [
    directory('dir'),
    file('dir/in', other, { mode: 0o640 }),
    symlink('dir/link', 'in'),
    file('dir/left-out', 'x'),
    file('.dockerignore', 'dir/left-out\n'),
  ];
  const site = await Site.open(t, [file('given', text, { mode: 0o751, uid: 7, gid: 8 }), ...tree]);
  const source = `FROM base\nWORKDIR /work/here\nCOPY given named\nCOPY dir /dir/\nCOPY --chown=${ids.join(':')} --chmod=604 giv* /owned/`;
  const image = await site.build(source);
  const did = 'built an image with WORKDIR, COPY of a file, of a folder, and of a pattern with --chown and --chmod';
  const look = (path: string) => {
    const each = image.entry(path);
    return each && `${each.type} ${each.mode.toString(8)} ${each.uid}:${each.gid} ${each.linkname}${each.text}`;
  };
  const wanted = {
    'work/here/named': `file 751 0:0 ${text}`,
    'dir/in': `file 640 0:0 ${other}`,
    'dir/link': 'symlink 777 0:0 in',
    'dir/left-out': undefined,
    'owned/given': `file 604 ${ids.join(':')} ${text}`,
  };
  const found = Object.fromEntries(Object.keys(wanted).map(path => [path, look(path)]));
  const wrong = Object.entries(wanted).filter(([path, each]) => found[path] !== each);
  t.same(found, wanted, {
    did,
    kernel: wrong
      .map(([path, each]) => `${path}: ${found[path] ?? 'not there'}, and not ${each ?? 'there'}`)
      .join('\n'),
    means: 'Type, mode, owner or content is another. Without --chown all that is copied belongs to root.',
    ...(wrong.every(([path]) => found[path]) && { diagnosis: 'put-from-outside' }),
  });
});

task('confined', async t => {
  const site = await Site.open(t, [symlink('out', t.secrets.file), file('given', t.nonce('x'))]);
  const up = `../../../../../..${t.secrets.file}`;
  for (const source of ['out', up]) {
    const built = await t.refused(site.start(`FROM base\nCOPY ${source} /stolen`));
    const image = built ? undefined : await site.read();
    const stolen = image?.text('stolen');
    t.ok(!stolen?.includes(t.secrets.text.trim()), {
      did: `built an image with COPY ${source}${source === 'out' ? `, a link to ${t.secrets.file}` : ''}`,
      kernel: `the layer has ${stolen?.trim()}`,
      means: 'A file of the host is in the image. The context ends at its own root, and so do links in it.',
      diagnosis: 'out-of-the-context',
    });
  }
  // A link in the image, which leads to a folder of the host, where that is looked up on the host.
  const target = `/run/boxwright/${t.nonce('target')}`;
  await t.host.run(['mkdir', target]);
  const image = await site.build(`FROM base\nRUN ln -s ${target} /way && mkdir -p ${target}\nCOPY given /way/`);
  t.same(t.host.list(target), [], {
    did: `built an image with COPY given /way/, where the image’s /way is a link to ${target}`,
    kernel: `on the host, ${target} has ${t.host.list(target).join(' ')}`,
    means: 'The link was followed on the host. A path of the image means something in the image only.',
    look: 'job.inImage()',
    diagnosis: 'link-followed-on-host',
  });
  t.ok(image.entry(`${target.slice(1)}/given`), {
    did: 'the same',
    kernel: image.listing(),
    means: 'In the image, the link is to be followed.',
  });
});

task('stages', async t => {
  const site = await Site.open(t);
  const [made, left] = [t.nonce('made'), t.nonce('left')];
  const source = `FROM base AS first\nRUN echo ${made} > /made; echo ${left} > /left\nFROM base\nCOPY --from=first /made /kept`;
  const image = await site.build(source);
  const did = 'built an image whose second stage has COPY --from=first /made /kept';
  t.is(image.text('kept'), `${made}\n`, {
    did,
    kernel: image.listing(),
    means: 'What the first stage has made is not there.',
  });
  t.ok(!image.entry('left') && !image.entry('made') && image.added.length === 1, {
    did,
    kernel: image.listing(),
    means: 'Of the first stage nothing else may come along, in no layer: that is what stages are for.',
    diagnosis: 'stage-came-along',
  });
});

task('settings', async t => {
  const site = await Site.open(t);
  const [a, b, secret] = [t.nonce('a'), t.nonce('b'), t.nonce('secret')];
  const lines = [
    'ARG TOKEN',
    `ENV A=${a} B="$A ${b}"`,
    'RUN true',
    'LABEL note="two words"',
    'EXPOSE 80 53/udp',
    'WORKDIR /srv',
    'WORKDIR inner',
    'USER 12:34',
    `ENTRYPOINT ["/bin/echo", "${a}"]`,
    'STOPSIGNAL SIGINT',
  ];
  const { config } = await site.build(`FROM base\n${lines.join('\n')}`, { args: { TOKEN: secret } });
  const did = `built an image with ${lines.join(' · ')}`;
  const found = config.config ?? {};
  const kernel = `config: ${JSON.stringify(found)}`;
  t.ok(!JSON.stringify(found).includes(secret), {
    ...{ did, kernel, diagnosis: 'argument-in-image' },
    means: 'An argument of the build has come into the image. ARG is for the build only; ENV is what stays.',
  });
  const wanted = {
    ...{ Env: ['PATH=/bin:/usr/bin:/sbin', `A=${a}`, `B= ${b}`], Labels: { note: 'two words' }, StopSignal: 'SIGINT' },
    ...{
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      WorkingDir: '/srv/inner',
      User: '12:34',
      Entrypoint: ['/bin/echo', a],
      Cmd: undefined,
    },
  };
  for (const [name, value] of Object.entries(wanted))
    t.same((found as Record<string, unknown>)[name], value, {
      did,
      kernel,
      means: `${name} must be ${JSON.stringify(value)}.`,
    });
});

diagnosis(
  'entrypoint-runs',
  ({ error, source }) =>
    error?.kind === 'threw' &&
    /status|started/.test(error.message) &&
    !source.includes('entrypoint: []') && {
      means: 'The base image’s ENTRYPOINT was run, with the command as its arguments. RUN means the command itself.',
      look: 'contain(), entrypoint',
    },
);

diagnosis(
  'put-from-outside',
  ({ error }) =>
    error?.error?.code === 'EACCES' && {
      means:
        'The layer’s reader, who is the container’s root, may not read what was put there: on the host it is somebody else’s.',
      look: 'job.inImage()',
    },
  ['copied'],
);

diagnosis(
  'put-on-the-host',
  ({ error }) =>
    error?.error?.code === 'ENOENT' &&
    /build\/[^/]+\/upper/.test(error.error.call ?? '') && {
      means:
        'There is no upper folder: the process had no overlay for its root, so what it has put, it has put on the host.',
      look: 'job.inImage()',
    },
  ['copied'],
);

diagnosis(
  'no-shell',
  ({ error }) =>
    error?.kind === 'threw' && {
      means: `The string is a line for the shell, /bin/sh -c. ${error.message}.`,
      look: 'images.commandOf()',
    },
  ['shell'],
);

interface File extends Entry {
  text: string;
  isFolder: boolean;
}

/** An image, as it is read from the store: of every blob, its name is what its bytes say. */
class Built {
  readonly digest: string;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** The layers above the base's, their entries by path. */
  readonly added: Map<string, File>[];
  readonly #below: Map<string, File>[];
  /** The topmost layer's, as text. */
  archive = '';

  static async read(t: Context, store: string, digest: string, base: number): Promise<Built> {
    const blob = (each: string) => {
      const bytes = readFileSync(t.host.path(`${store}/blobs/sha256/${each.slice('sha256:'.length)}`));
      const finding = {
        did: t.did,
        kernel: `the blob ${each} has the digest ${digestOf(bytes)}`,
        means: 'A blob is another than its name says.',
      };
      t.is(digestOf(bytes), each, finding);
      return bytes;
    };
    const manifest: Manifest = JSON.parse(blob(digest).toString());
    const config: ImageConfig = JSON.parse(blob(manifest.config.digest).toString());
    const layers = await Promise.all(
      manifest.layers.map(async (each, i) => {
        const pieces = await all(decompress(stream(blob(each.digest))));
        const [tar, diffId] = [Buffer.concat(pieces), config.rootfs.diff_ids[i]];
        const kernel = `layer ${i}: its archive has the digest ${digestOf(tar)}, and its diff_id is ${diffId}`;
        t.is(digestOf(tar), diffId, {
          did: t.did,
          kernel,
          means: 'The diff_id is of the archive, before it was compressed.',
        });
        return { tar, files: i < base - 1 ? new Map<string, File>() : await readLayer(tar) };
      }),
    );
    const built = new Built(
      digest,
      manifest,
      config,
      layers.map(each => each.files),
      base,
    );
    built.archive = layers.at(-1)?.tar.toString('latin1') ?? '';
    return built;
  }

  private constructor(digest: string, manifest: Manifest, config: ImageConfig, all: Map<string, File>[], base: number) {
    [this.digest, this.manifest, this.config] = [digest, manifest, config];
    [this.#below, this.added] = [all.slice(0, base), all.slice(base)];
  }

  get last(): Map<string, File> {
    return this.added.at(-1) ?? new Map();
  }

  /** Of the layers above the base's, the topmost one's. */
  entry(path: string): File | undefined {
    return this.added.findLast(each => each.has(path))?.get(path);
  }

  text(path: string): string | undefined {
    return this.entry(path)?.text;
  }

  /** What is in a folder when all layers are one over the other. layer.md, "Whiteouts" */
  names(folder: string): string[] {
    const names = new Set<string>();
    for (const layer of [...this.#below, ...this.added]) {
      const own = [...layer.keys()]
        .filter(each => each.startsWith(`${folder}/`))
        .map(each => each.slice(folder.length + 1));
      if (own.includes('.wh..wh..opq') || layer.has(`.wh.${folder}`)) names.clear();
      for (const name of own) if (name.startsWith('.wh.')) names.delete(name.slice(4));
      for (const name of own) if (!name.startsWith('.wh.') && !name.includes('/')) names.add(name);
    }
    return [...names].sort();
  }

  listing(path?: string): string {
    const all = this.added.map(each => [...each.keys()].join(' '));
    const what =
      all.length === 0
        ? 'there is no layer above the base’s: no step has made one (TODO 3; by RUN, TODO 4; by COPY, TODO 5)'
        : `the layers above the base’s have: ${all.join(' | ')}`;
    return path && this.entry(path) ? `${path} is ${JSON.stringify(this.text(path))}` : what;
  }
}

async function readLayer(tar: Uint8Array): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  for await (const { content, sparse: _, ...entry } of readTar(stream(tar))) {
    const pieces = (await all(content)).map(each => each.bytes);
    const path = entry.path.replace(/^\.\//, '').replace(/\/$/, '');
    files.set(path, { ...entry, text: Buffer.concat(pieces).toString(), isFolder: entry.type === 'directory' });
  }
  return files;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function* stream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

let archive: Buffer | undefined;
/** The workshop's base root as an archive, made once. */
const baseArchive = () =>
  (archive ??= execFileSync('tar', ['-C', baseRootfs, '--owner=0', '--group=0', '-cf', '-', '.'], {
    maxBuffer: 1 << 28,
  }));

/** A context on the sandbox's host, a store with an image `base` in it, and builds of one in the other. */
class Site {
  readonly context: string;
  readonly store: string;
  readonly base: Manifest;
  /** In the base image: a folder with two files. */
  readonly names: { folder: string; first: string; second: string };
  readonly #t: Context;
  readonly #layout: Layout;

  static async open(t: Context, items: Item[] = []): Promise<Site> {
    const names = { folder: t.nonce('folder'), first: t.nonce('first'), second: t.nonce('second') };
    const { folder, first, second } = names;
    const tar = baseArchive();
    const upper = await layer(
      [directory(folder), file(`${folder}/${first}`, first), file(`${folder}/${second}`, second)],
      'gzip',
    );
    const layout = new Layout(t);
    const descriptor = layout.image([{ bytes: tar, mediaType: mediaTypes.layer, diffId: digestOf(tar) }, upper], {
      config: { Env: ['PATH=/bin:/usr/bin:/sbin'], Entrypoint: ['/bin/false'], Cmd: ['of-the-base'] },
    });
    await layout.write(t, { 'docker.io/library/base:latest': descriptor });
    await t.host.run(['mkdir', `${layout.folder}/ingest`]);
    const base: Manifest = JSON.parse(t.host.read(`${layout.folder}/blobs/sha256/${descriptor.digest.slice(7)}`));
    const site = new Site(t, layout, base, names, `/run/boxwright/${t.nonce('context')}`);
    await site.put(items);
    return site;
  }

  private constructor(t: Context, layout: Layout, base: Manifest, names: Site['names'], context: string) {
    [this.#t, this.#layout, this.store, this.base, this.names, this.context] = [
      t,
      layout,
      layout.folder,
      base,
      names,
      context,
    ];
  }

  /** The same context and the same base image, and another store. */
  async beside(): Promise<Site> {
    const store = `${this.store}-too`;
    await this.#t.host.run(['cp', '-r', `${this.store}/.`, store]);
    await this.#t.host.run(['sh', '-c', `rm -rf ${store}/steps ${store}/layers`]);
    const site = new Site(this.#t, this.#layout, this.base, this.names, this.context);
    return Object.assign(site, { store });
  }

  /** Writes into the context. */
  async put(items: Item[]): Promise<void> {
    const pieces = await all(writeTar([directory('.'), ...items]));
    const tar = Buffer.concat(pieces).toString('latin1');
    await this.#t.host.run(['mkdir', '-p', this.context]);
    const { status, stderr } = await this.#t.host.run(
      ['tar', '-x', '-p', ...(manyUsers ? [] : ['--no-same-owner']), '-C', this.context],
      tar,
    );
    if (status !== 0) throw new Error(`tar: ${stderr}`);
  }

  /** Calls the learner's build(). */
  async start(containerfile: string, options: Record<string, unknown> = {}): Promise<unknown> {
    await this.put([file('Containerfile', `${containerfile}\n`)]);
    const { context, store } = this;
    return this.#t.call('build', { context, store, tag: 'built', ...options });
  }

  async build(containerfile: string, options: Record<string, unknown> = {}): Promise<Built> {
    await this.start(containerfile, options);
    return this.read();
  }

  /** What names the store has for images, but for the base. */
  tags(): Map<string | undefined, string> {
    const { manifests } = JSON.parse(this.#t.host.read(`${this.store}/index.json`));
    const named = manifests.map((each: Manifest & { digest: string }) => [each.annotations?.[refName], each.digest]);
    return new Map(named.slice(1));
  }

  read(): Promise<Built> {
    const digest = this.tags().get('built');
    const did = this.#t.did;
    if (!digest)
      this.#t.fail({ did, kernel: 'in the store’s index.json nothing has that name', means: 'There is no image.' });
    return Built.read(this.#t, this.store, digest, this.base.layers.length);
  }
}

const random = (below: number) => Math.floor(Math.random() * below);
