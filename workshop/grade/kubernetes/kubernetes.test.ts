// What is emitted is valid Kubernetes, keeps to its limits, and works: the pod's own command is run on a volume laid out as a node lays it out.
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import test, { type ExecutionContext } from 'ava';
import { parseAllDocuments } from 'yaml';
import { findLesson } from '../../lessons.ts';
import { home } from '../../paths.ts';
import { fromLines, toLines } from '../afar/lines.ts';
import type { Order } from '../afar/order.ts';
import type { Mark, MarkedTask } from '../types.ts';
import { emitKubernetes } from './emit.ts';

const run = promisify(execFile);
const schemas = JSON.parse(readFileSync(new URL('./schemas/kubernetes.json', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema(schemas, 'kubernetes');
ajv.addFormat('int32', { type: 'number', validate: value => Number.isInteger(value) && Math.abs(value) < 2 ** 31 });
ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger });
ajv.addFormat('byte', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
ajv.addFormat('quantity', /^[+-]?(\d+|\d+\.\d*|\.\d+)([KMGTPE]i|[mkMGTPE]|[eE][+-]?\d+)?$/);
ajv.addFormat('date-time', true);

const definitions: Record<string, string> = {
  Job: 'io.k8s.api.batch.v1.Job',
  Secret: 'io.k8s.api.core.v1.Secret',
  NetworkPolicy: 'io.k8s.api.networking.v1.NetworkPolicy',
};

// biome-ignore lint/suspicious/noExplicitAny: documents that the schema has been asked about.
type Document = any;

function documentsOf(t: ExecutionContext, yaml: string): Document[] {
  const all = parseAllDocuments(yaml).map(each => each.toJSON());
  for (const each of all) {
    const validate = ajv.getSchema(`kubernetes#/definitions/${definitions[each.kind]}`);
    t.true(validate?.(each), `${each.kind}: ${JSON.stringify(validate?.errors)}`);
  }
  return all;
}

/** An order with `bytes` of text that no packing makes smaller. */
const orderOf = (key: string, bytes = 100): Order => ({
  protocol: 1,
  key,
  files: { '01-process': randomBytes(bytes).toString('latin1') },
  lessons: ['01-process', '02-chroot'],
  bounds: { seconds: 60, memory: 1024, output: 1e6 },
});

test('a job with an index for each submission, which reaches nobody and has no rights', t => {
  const orders = ['a', 'b', 'c', 'b'].map(key => orderOf(key));
  const all = documentsOf(
    t,
    emitKubernetes(orders, { image: 'registry.example/grade:1', namespace: 'class', jobs: 2 }),
  );
  t.deepEqual(
    all.map(({ kind }) => kind),
    ['NetworkPolicy', 'Secret', 'Job'],
  );
  t.true(all.every(({ metadata }) => metadata.namespace === 'class'));

  const [policy, secret, { spec }] = all;
  t.is(spec.completions, 3, 'the same texts once');
  t.is(spec.parallelism, 2);
  t.deepEqual(Object.keys(secret.data), ['0.json.gz', '1.json.gz', '2.json.gz']);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  t.deepEqual(policy.spec, {
    podSelector: { matchLabels: spec.template.metadata.labels },
    policyTypes: ['Ingress', 'Egress'],
  });
  t.is(spec.activeDeadlineSeconds > pod.activeDeadlineSeconds, true);
  t.is(pod.securityContext.runAsNonRoot, true);
  t.deepEqual(container.securityContext.capabilities, { drop: ['ALL'] });
  // One file of the volume, and not the others'.
  t.is(container.volumeMounts[0].subPathExpr, '$(INDEX).json.gz');
});

test('the schema does find mistakes', t => {
  const validate = ajv.getSchema(`kubernetes#/definitions/${definitions.Job}`);
  const [, , job] = parseAllDocuments(emitKubernetes([orderOf('a')], { image: 'i', jobs: 1 })).map(each =>
    each.toJSON(),
  );
  t.true(validate?.(job));
  const spoilt: ((job: Document) => void)[] = [
    each => delete each.spec.template.spec.containers[0].name,
    each => (each.spec.completions = '3'),
    each => (each.spec.completionsMode = 'Indexed'),
    each => (each.spec.template.spec.containers[0].securityContext.capability = {}),
    each => (each.spec.podFailurePolicy.rules[0].action = 'Forget'),
    each => (each.spec.template.spec.containers[0].resources.limits.memory = '1 GB'),
  ];
  for (const spoil of spoilt) {
    const bad = structuredClone(job);
    spoil(bad);
    t.false(validate?.(bad), String(spoil));
  }
});

test('a large class goes into several secrets, none too large to be applied', t => {
  const orders = Array.from({ length: 60 }, (_, i) => orderOf(`k${i}`, i === 7 ? 400_000 : 20_000));
  const all = documentsOf(t, emitKubernetes(orders, { image: 'i', jobs: 100 }));
  const secrets = all.filter(({ kind }) => kind === 'Secret');
  t.true(secrets.length > 4);
  const files = secrets.flatMap(({ data }) => Object.keys(data));
  t.is(new Set(files).size, 60);
  for (const secret of secrets) {
    const only = Object.keys(secret.data).length === 1;
    t.true(JSON.stringify(secret).length < (only ? 1_400_000 : 262_144), `${Object.keys(secret.data)}`);
  }
  const job = all.at(-1);
  t.deepEqual(
    job.spec.template.spec.volumes[0].projected.sources.map((each: Document) => each.secret.name),
    secrets.map(({ metadata }) => metadata.name),
  );
});

test('what does not fit into a secret is refused', t => {
  t.throws(() => emitKubernetes([orderOf('a', 1_500_000)], { image: 'i', jobs: 1 }), { message: /too large/ });
});

test('a mark is found in a log whatever surrounds it, and not when a part is missing or changed', t => {
  const mark = { version: 1, key: 'abc', words: randomBytes(20_000).toString('hex') } as unknown as Mark;
  const lines = toLines(mark);
  t.true(lines.length > 2);
  const log = [...lines]
    .reverse()
    .map(line => `[pod/x-1] 2026-11-21T10:00:00Z ${line}\nother words`)
    .join('\r\n');
  t.deepEqual(fromLines(log + log).get('abc'), mark);
  t.is(fromLines(lines.slice(1).join('\n')).size, 0);
  t.is(fromLines(lines.join('\n').replace(/A/, 'B')).size, 0);
});

test('the pod’s command marks as an ordinary user, and its log is collected', async t => {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-pod-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const { name, files } = findLesson('01');
  mkdirSync(`${folder}/class/ann/lessons/${name}`, { recursive: true });
  writeFileSync(`${folder}/class/ann/lessons/${name}/process.ts`, readFileSync(files.solution));
  const boxwright = fileURLToPath(new URL('../../boxwright.mjs', import.meta.url));
  const grade = (...args: string[]) => [boxwright, 'grade', `${folder}/class`, '--lessons', '01', ...args];

  const { stdout } = await run(process.execPath, grade('--emit', 'kubernetes', '--image', 'grade'));
  const [, secret, job] = documentsOf(t, stdout);
  // A node's own layout: a folder of this version, a link to it, and links to its files.
  const volume = `${folder}/orders`;
  mkdirSync(`${volume}/..2026_11_21`, { recursive: true });
  symlinkSync('..2026_11_21', `${volume}/..data`);
  for (const [file, text] of Object.entries(secret.data)) {
    writeFileSync(`${volume}/..2026_11_21/${file}`, Buffer.from(String(text), 'base64'), { mode: 0o444 });
    symlinkSync(`..data/${file}`, `${volume}/${file}`);
  }
  const [container] = job.spec.template.spec.containers;
  const [mount] = container.volumeMounts;
  const order = `${volume}/${mount.subPathExpr.replace('$(INDEX)', '0')}`;
  const args = container.args.map((word: string) => (word === mount.mountPath ? order : word));
  const pods = { uid: 10001, gid: 10001 };
  // Root may be anybody, but not everybody may read root's folders.
  const isOpen = process.getuid?.() === 0 && spawnSync('test', ['-r', boxwright], pods).status === 0;
  const user = isOpen ? pods : {};
  const { PATH = '' } = process.env;
  const pod = await run(process.execPath, [boxwright, 'grade', ...args], {
    ...user,
    cwd: '/',
    env: { PATH, HOME: '/tmp' },
  });
  writeFileSync(`${folder}/log`, pod.stderr + pod.stdout);

  const collected = await run(
    process.execPath,
    [...grade('--collect', `${folder}/log`, '--results', `${folder}/results`, '--json')],
    { cwd: home },
  );
  const { grades } = JSON.parse(collected.stdout);
  t.is(grades.length, 1);
  t.is(grades[0].mark.submission.id, 'ann');
  const tasks: MarkedTask[] = grades[0].mark.lessons[0].tasks;
  t.deepEqual(
    tasks.filter(({ status }) => status !== 'pass'),
    [],
  );
  t.is(grades[0].grade, 100);
});
