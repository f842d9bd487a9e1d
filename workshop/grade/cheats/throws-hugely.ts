// lesson: 01
// on: nothing
// points: 0
// what it tries: an error with a message of fifty megabytes, and every control character that a terminal knows.
throw new Error(`\u001b[2J\u001b]0;15 of 15\u0007${'\u001b[32m✔ passed\u0000\ud800'.repeat(3_000_000)}`);

export {};
