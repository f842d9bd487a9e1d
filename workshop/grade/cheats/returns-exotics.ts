// lesson: 01
// on: nothing
// points: 0
// what it tries: returns things that no one can turn into JSON: proxies, getters that throw, toJSON without an end, circles.
const circle: Record<string, unknown> = {};
circle.again = circle;
const deep = () => ({ toJSON: deep });
const things: unknown[] = [
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('get');
      },
      ownKeys: () => {
        throw new Error('keys');
      },
    },
  ),
  circle,
  { toJSON: deep },
  10n ** 1000n,
  Symbol('pass'),
  {
    get pid() {
      return process.pid;
    },
    $box: 0,
  },
  { $box: -1, pid: Number.NaN },
  { $box: 0, pid: '1; true' },
  { $box: '__proto__', pid: Number.POSITIVE_INFINITY },
];
let turn = 0;
const next = async () => things[turn++ % things.length];

export { next as contain, next as exitStatus, next as run, next as execute };
export const failureStatus = () => ({ valueOf: () => 127, toJSON: () => 127 });
export const candidates = () => new Proxy([], {});
