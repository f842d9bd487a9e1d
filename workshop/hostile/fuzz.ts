// The fuzzer: archives and documents, damaged at random, for as long as it is told.
//
//   node workshop/hostile/fuzz.ts [SECONDS] [SEED]        30, and any
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Count, Found, Order } from './fuzz/stage.ts';
import { runStage } from './run.ts';

export interface Fuzzed extends Count {
  /** What went wrong, each as text: the input's seed and number, and where its bytes lie. */
  failures: string[];
}

/** In two sandboxes at once, as root and as an ordinary user: every second input each, and so many images at least. */
export async function fuzz(seconds: number, seed: number, least = 0): Promise<Fuzzed> {
  const fuzzed: Fuzzed = { failures: [], images: 0, archives: 0, refused: 0 };
  const tell = (line: Found | Count) => {
    if ('name' in line) fuzzed.failures.push(describe(line));
    else for (const key of ['images', 'archives', 'refused'] as const) fuzzed[key] += line[key];
  };
  const order = (from: number): Order => ({ seed, from, step: 2, seconds, least });
  await Promise.all([
    runStage('fuzz/stage.ts', 'root', order(0), tell),
    runStage('fuzz/stage.ts', 'user', order(1), tell),
  ]);
  return fuzzed;
}

function describe({ name, faults, layers }: Found): string {
  const lines = [name, ...faults.map(fault => `  ${fault}`)];
  if (layers.length > 0) {
    const folder = mkdtempSync(`${tmpdir()}/boxwright-fuzz-`);
    for (const [i, layer] of layers.entries())
      writeFileSync(`${folder}/layer${i + 1}.tar`, Buffer.from(layer, 'base64'));
    lines.push(`  its layers: ${folder}`);
  }
  return lines.join('\n');
}

if (import.meta.main) {
  const [seconds = 30, seed = Math.trunc(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number);
  console.log(`seed ${seed}, ${seconds} s`);
  const { failures, images, archives, refused } = await fuzz(seconds, seed);
  for (const failure of failures) console.log(failure);
  console.log(`${images} images, ${refused} of them refused, and ${archives} archives; ${failures.length} failures`);
  if (failures.length > 0) process.exitCode = 1;
}
