// The doctor on the machine at hand, whatever it is.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readMountinfo } from '#linux';
import { machineFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import { examine } from './findings.ts';
import type { Verdict } from './verdict.ts';

const boxwright = fileURLToPath(new URL('../boxwright.mjs', import.meta.url));

function doctor(...flags: string[]) {
  return spawnSync(process.execPath, [boxwright, 'doctor', ...flags], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('its JSON has a cause and a remedy for everything that is not all right, and its status follows the lessons', t => {
  const { status, stdout, stderr } = doctor('--json');
  t.is(stderr, '');
  const { findings, lessons } = JSON.parse(stdout) as { findings: Finding[]; lessons: Verdict[] };
  t.true(findings.length > 25);
  t.is(new Set(findings.map(({ id }) => id)).size, findings.length, 'ids are unique');
  for (const finding of findings) {
    t.truthy(finding.title && finding.found, finding.id);
    if (finding.state === 'ok') continue;
    t.true(['warn', 'missing'].includes(finding.state), finding.id);
    t.truthy(finding.cause && finding.remedy, finding.id);
  }
  t.is(status, lessons.every(({ whyNot }) => whyNot === null) ? 0 : 1);
});

test('for a reader it says the same, a line for each finding', async t => {
  const { stdout } = doctor();
  for (const { title } of await examine()) t.true(stdout.includes(title), title);
});

test('its facts and its findings agree, and every feature that a lesson may name is a finding', async t => {
  const [facts, findings] = await Promise.all([machineFacts(), examine()]);
  for (const [id, there] of Object.entries(facts.features)) {
    const found = findings.find(finding => finding.id === id);
    t.is(found?.state === 'ok', there, `${id}: ${JSON.stringify(found)}`);
  }
  t.is(findings.find(({ id }) => id === 'root')?.state === 'ok', facts.root);
});

test('the facts are looked up once a process', t => {
  t.is(machineFacts(), machineFacts());
});

test('it leaves the machine as it was: mounts, files in /tmp that are ours, host name', async t => {
  const state = () => ({
    mounts: readMountinfo('self').map(({ mountPoint }) => mountPoint),
    hostname: readFileSync('/proc/sys/kernel/hostname', 'utf8'),
    files: readdirSync('/tmp').filter(name => ['lower', 'upper', 'work', 'merged'].includes(name)),
  });
  const before = state();
  await examine();
  t.deepEqual(state(), before);
});
