// The corpus of hostile images and registries: what each is up to, and how it ended.
//
//   node workshop/hostile/corpus.ts [PATTERN]     the cases whose names begin so: 'whiteout|hard link'
import chalk from 'chalk';
import type { Case } from './case.ts';
import { cases } from './cases.ts';
import type { Verdict, Way } from './judge.ts';
import { runStage } from './run.ts';
import type { Order } from './stage.ts';

/** Cases that are about where something ends up, which is another question when each layer is unpacked onto an overlay. */
const leadingOut =
  /^(name|outside|header|through|on a link|hard link|link|loop|whiteout|again|inside|\w+ (below|over)\b)/;

/**
 * All cases as root, and once more as an ordinary user what is unpacked: in three sandboxes at once, for those of the registries
 * mostly wait.
 */
export async function runCorpus(chosen: Case[], tell: (verdict: Verdict) => void = () => {}): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const add = (verdict: Verdict) => {
    verdicts.push(verdict);
    tell(verdict);
  };
  const run = (as: 'root' | 'user', kinds: Case['kind'][], way: Way = 'whole', like = /^/) => {
    const names = chosen.filter(({ kind, name }) => kinds.includes(kind) && like.test(name)).map(({ name }) => name);
    return runStage('stage.ts', as, { names, way } satisfies Order, add);
  };
  await Promise.all([
    run('root', ['layer', 'document']),
    run('user', ['layer']),
    run('root', ['registry']).then(() => run('root', ['layer'], 'apart', leadingOut)),
  ]);
  return verdicts;
}

if (import.meta.main) {
  const pattern = new RegExp(`^(?:${process.argv[2] ?? ''})`);
  const chosen = cases.filter(each => pattern.test(each.name));
  const start = performance.now();
  const verdicts = await runCorpus(chosen);
  for (const { name, intent } of chosen) {
    console.log(`${chalk.bold(name)}  ${chalk.dim(intent)}`);
    const met = verdicts.filter(each => each.name === name);
    const isSame = met.every(each => each.ended === met[0]?.ended);
    for (const { ended, user, way } of isSame ? met.slice(0, 1) : met)
      console.log(`  ${isSame ? '' : way === 'apart' ? 'apart: ' : user > 0 ? 'user: ' : 'root: '}${ended}`);
    for (const fault of met.flatMap(each => each.faults)) console.log(chalk.red(`  ✗ ${fault}`));
  }
  const bad = verdicts.filter(({ faults }) => faults.length > 0);
  for (const { name, faults } of bad.filter(each => each.name === 'the machine')) console.log(name, faults);
  const [memory, milliseconds] = (['memory', 'milliseconds'] as const).map(key =>
    Math.max(...verdicts.map(each => each[key])),
  );
  console.log(`${chosen.length} cases, ${verdicts.length} verdicts, ${bad.length} bad`);
  console.log(
    `at most ${(memory ?? 0) >> 20} MB and ${milliseconds} ms each; ${Math.round(performance.now() - start)} ms in all`,
  );
  if (bad.length > 0) process.exitCode = 1;
}
