// lesson: 01
// on: nothing
// points: 0
// what it tries: ends with status 0 when it is first called, the functions all there.
export const candidates = () => [];
export const exitStatus = async () => process.exit(0);
export const failureStatus = () => 127;
export const contain = async () => process.exit(0);
export const run = async () => process.exit(0);
