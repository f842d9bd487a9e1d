// lesson: 01
// on: solution
// points: 0
// what it tries: never comes to an end, so that there is no verdict to be had.
for (;;);

export {};
