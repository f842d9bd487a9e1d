// Every hostile image and every hostile registry: nothing outside the target changes, nothing crashes or hangs, and what is refused
// is refused in one clear line.
import test from 'ava';
import { cases } from './cases.ts';
import { runCorpus } from './corpus.ts';
import type { Verdict } from './judge.ts';
import { runStage } from './run.ts';
import type { Order } from './stage.ts';

/** Only where a sandbox can be had, as root and with users to spare. */
const possible = process.platform === 'linux' && process.getuid?.() === 0 ? test.serial : test.serial.skip;

test('at least two hundred cases, each with a name and an intent of its own', t => {
  t.true(cases.length >= 200, `${cases.length}`);
  for (const key of ['name', 'intent'] as const) {
    const seen = new Set<string>();
    for (const each of cases) {
      t.false(seen.has(each[key]), `twice: ${each[key]}`);
      seen.add(each[key]);
    }
  }
});

possible('no hostile image or registry does any harm, to root or to an ordinary user', async t => {
  t.timeout(30 * 60_000);
  const verdicts = await runCorpus(cases);
  for (const { name, user, faults } of verdicts)
    if (faults.length > 0) t.fail(`${name} (as ${user > 0 ? 'user' : 'root'}): ${faults.join('; ')}`);
  const met = (isUser: boolean) => new Set(verdicts.filter(({ user }) => user > 0 === isUser).map(({ name }) => name));
  for (const each of cases) t.true(met(false).has(each.name), `${each.name} was not met by root`);
  for (const each of cases.filter(({ kind }) => kind === 'layer')) t.true(met(true).has(each.name), each.name);
  t.log(`${verdicts.length} verdicts, at most ${Math.max(...verdicts.map(each => each.memory)) >> 20} MB`);
});

possible('what tar(1) does to the machine with its precautions off is noticed', async t => {
  const names = cases.map(each => each.name).filter(name => /^(name|outside|through a link): /.test(name));
  const verdicts: Verdict[] = [];
  const order: Order = { names, way: 'naive' };
  await runStage<Verdict>('stage.ts', 'root', order, verdict => verdicts.push(verdict));
  const harm = verdicts.filter(({ faults }) =>
    faults.some(fault => /^(outside the target|changed on the machine)/.test(fault)),
  );
  t.true(harm.length > 20, `${harm.length} of ${names.length}`);
  t.true(verdicts.some(({ faults }) => faults.some(fault => fault.includes('/beside/secret'))));
  t.true(verdicts.some(({ faults }) => faults.some(fault => fault.includes('/etc/boxwright-planted'))));
});
