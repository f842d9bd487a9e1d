// For tests: a worker as a process of its own, which marks by the kit's stand-in: `node stand-in.ts URL [CHECKS] [JOBS] [LOCK]`.
// LOCK: after how many milliseconds without a word it believes that a worker is dead. Half a minute when absent: however busy the machine is,
// no worker that lives is taken for a dead one.
import { untilInterrupted } from '../../errors.ts';
import { readAddress } from './address.ts';
import { standIn } from './kit.ts';
import { work } from './work.ts';

const [url = '', checks, jobs = '2', lock = '30000'] = process.argv.slice(2);
const signal = untilInterrupted();
await work({
  address: readAddress(url),
  marker: standIn(checks, signal),
  jobs: Number(jobs),
  signal,
  say: line => console.log(line),
  pace: { lock: Number(lock), look: 500, grace: 500 },
});
