// lesson: 01
// on: nothing
// points: 0
// seconds: 25
// what it tries: promises all, and keeps no promise.
const never = () => new Promise(() => {});

export { never as contain, never as execute, never as exitStatus, never as run };
export const candidates = never;
export const failureStatus = never;
