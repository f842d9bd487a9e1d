// Fifty guests in a row, each with another status and other bytes on stdout and stderr, every one exact, or this fails.
// Run by hand: `node workshop/guest/fifty.ts [COUNT] [uml|qemu]`.
import { randomBytes } from 'node:crypto';
import { prepare, runInGuest } from './index.ts';

const [count = '50', kernel = 'uml'] = process.argv.slice(2);
if (kernel !== 'uml' && kernel !== 'qemu') throw new Error(`no kernel ${kernel}`);
await prepare(kernel, line => console.error(line));

const times: number[] = [];
let exact = 0;
for (let run = 0; run < Number(count); run++) {
  const expected = {
    status: (run * 37) % 256,
    stdout: randomBytes(1 + run * 200).toString('hex'),
    stderr: randomBytes(1 + run * 50).toString('base64'),
  };
  const script = 'printf %s "$1"; printf %s "$2" >&2; exit $3';
  const start = performance.now();
  const result = await runInGuest(
    ['sh', '-c', script, 'sh', expected.stdout, expected.stderr, String(expected.status)],
    { kernel },
  );
  times.push(performance.now() - start);
  if (JSON.stringify(result) === JSON.stringify(expected)) exact++;
  else console.error(`run ${run}: ${JSON.stringify(result).slice(0, 200)}`);
}

const sorted = times.toSorted((a, b) => a - b).map(Math.round);
const at = (share: number): number | undefined => sorted[Math.floor(share * (sorted.length - 1))];
console.log(`${exact} of ${count} exact; ms: fastest ${at(0)}, median ${at(0.5)}, slowest ${at(1)}`);
process.exitCode = exact === Number(count) ? 0 : 1;
