// For tests: a worker as a process of its own, which marks by the kit's stand-in: `node stand-in.ts URL [CHECKS] [JOBS]`.
import { untilInterrupted } from '../../errors.ts';
import { readAddress } from './address.ts';
import { standIn } from './kit.ts';
import { work } from './work.ts';

const [url = '', checks, jobs = '2'] = process.argv.slice(2);
await work({
  address: readAddress(url),
  marker: standIn(checks),
  jobs: Number(jobs),
  signal: untilInterrupted(),
  say: line => console.log(line),
  pace: { lock: 1000, look: 500, grace: 500 },
});
