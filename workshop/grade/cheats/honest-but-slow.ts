// lesson: 01
// on: solution
// points: 15
// status: pass
// what it tries: nothing. It does the lesson after a second of thinking, with timers and promises that nobody waits for.
await new Promise(resolve => setTimeout(resolve, 1000));
setInterval(() => {}, 10);
Promise.reject(new Error('nobody minds'));

export {};
