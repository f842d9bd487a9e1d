// The fuzzer for a bounded time: once with the seed that everybody has, once with another in every run.
import test from 'ava';
import { fuzz } from './fuzz.ts';

const possible = process.platform === 'linux' && process.getuid?.() === 0 ? test.serial : test.serial.skip;

for (const seed of [1, Math.trunc(Math.random() * 2 ** 31)])
  possible(
    `five seconds of damaged archives and documents, ${seed === 1 ? 'always the same' : 'never the same'}`,
    async t => {
      t.timeout(15 * 60_000);
      const { failures, images, archives, refused } = await fuzz(5, seed, 60);
      t.log(`seed ${seed}: ${images} images, ${refused} refused, and ${archives} archives`);
      for (const failure of failures) t.fail(failure);
      t.true(images >= 120 && archives > 0);
      // Four of five are, more or less. All refused, and nothing but the first check would be tried.
      t.true(refused > images / 10 && refused < (images * 19) / 20, `${refused} of ${images}`);
    },
  );
