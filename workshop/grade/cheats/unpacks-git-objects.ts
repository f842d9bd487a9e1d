// lesson: 01
// on: nothing
// points: 0
// what it tries: takes the solution out of the workshop's history.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const home = new URL('../../', import.meta.url).pathname;
const text = execFileSync('git', [
  '-c',
  'safe.directory=*',
  '-C',
  home,
  'show',
  'HEAD:solutions/01-process/process.ts',
]);
writeFileSync('/run/solution.ts', text.toString().replace("'#linux'", `'${home}linux/index.ts'`));
const { candidates, contain, execute, exitStatus, failureStatus, run } = await import('/run/solution.ts' as string);

export { candidates, contain, execute, exitStatus, failureStatus, run };
