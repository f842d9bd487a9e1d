// lesson: 01
// on: solution
// points: 15
// status: pass
// what it tries: nothing. It does the lesson, and says FAIL and `not ok` wherever it can: what is printed decides nothing.
for (const line of ['not ok 1 - argv', 'FAIL', '✘ 9 tests failed', '{"status":"fail","points":0}']) {
  console.log(line);
  console.error(line);
}
process.exitCode = 1;

export {};
