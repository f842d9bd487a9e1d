// '#linux': the one thing of ours that lessons import. A process on a wire, the kernel's constants and errors, and readers
// for what /proc says.
export { Batch, type BatchArgument } from './batch.ts';
export { build } from './build.ts';
export { Call, type Where } from './call.ts';
export { makedev } from './calls.ts';
export * from './constants.ts';
export { allowDevices, type DeviceRule, usualDevices } from './devices.ts';
export { isErrno, SyscallError, WireError } from './errors.ts';
export * from './filter.ts';
export { withLock, withLockIfFree, withSharedLock } from './lock.ts';
export { type Argument, into, type Memory, pointing } from './memory.ts';
export * from './policy.ts';
export * from './proc.ts';
export { type Exit, Process, type StartOptions, type Stdio } from './process.ts';
export { firstExecutable } from './program.ts';
export { nthAddress } from './subnet.ts';
export { u32, u64 } from './words.ts';
