// lesson: 01
// on: nothing
// points: 0
// what it tries: is the solution, by its path in the workshop.
const solution = new URL('../../solutions/01-process/process.ts', import.meta.url);
const { candidates, contain, execute, exitStatus, failureStatus, run } = await import(solution.href);

export { candidates, contain, execute, exitStatus, failureStatus, run };
