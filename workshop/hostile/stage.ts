// In the sandbox: one case after the other, and what has become of the machine at the end. Prints a verdict for each, a line of JSON.
//
//   node stage.ts USER < { "names": of cases, "way": see judge.ts }
import { json } from 'node:stream/consumers';
import { changedSince } from './canary.ts';
import { cases } from './cases.ts';
import { judge, type Verdict, type Way } from './judge.ts';
import { Victim } from './watch.ts';

export interface Order {
  names: string[];
  way: Way;
}

const start = new Date();
const { names, way } = (await json(process.stdin)) as Order;
const wanted = new Set(names);
const victim = new Victim(Number(process.argv[2]));
for (const each of cases) if (wanted.has(each.name)) console.log(JSON.stringify(await judge(each, victim, way)));
victim.end();

const changed = changedSince(start);
if (changed.length > 0) {
  const faults = changed.slice(0, 10).map(path => `changed on the machine: ${JSON.stringify(path)}`);
  const verdict: Verdict = {
    name: 'the machine',
    user: victim.user,
    way,
    ended: '',
    faults,
    milliseconds: 0,
    memory: 0,
  };
  console.log(JSON.stringify(verdict));
}
