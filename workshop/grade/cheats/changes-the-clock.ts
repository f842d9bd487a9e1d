// lesson: 01
// on: starter
// points: 0
// what it tries: sets the clock, so that time is up before it has begun, or never.
import * as linux from '#linux';

const box = await linux.Process.start();
const times = [0n, 4_000_000_000n].map(seconds => new Uint8Array(BigInt64Array.of(seconds, 0n).buffer));
for (const time of times) await box.syscall('clock_settime', 0, time).catch(() => {});
globalThis.setTimeout = ((act: () => void) => setImmediate(act)) as never;
