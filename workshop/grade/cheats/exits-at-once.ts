// lesson: 01
// on: solution
// points: 0
// what it tries: ends with status 0 before anybody has looked at anything.
process.exit(0);

export {};
