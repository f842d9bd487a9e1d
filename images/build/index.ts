// What lesson 17 stands on, in one place.

export * from '../containerfile/index.ts';
export { type Item, writeTar } from '../tar/write.ts';
export { timeOf, withStep } from './assemble.ts';
export { recall, remember, type Step } from './cache.ts';
export type { Job } from './job.ts';
export { type Compression, compressions, type Layer } from './layer.ts';
export type { BuildOptions, BuildState, Lessons } from './options.ts';
export { fingerprint, keptXattrs } from './place.ts';
export { changesBy, declare, makeWorkdir } from './settings.ts';
export { buildStages } from './stage.ts';
export { withTransfer } from './transfer.ts';
export type { Found } from './walk.ts';
