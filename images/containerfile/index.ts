// A Containerfile, read and understood as far as that needs no image.
export { commandOf, configure, resolvePath } from './config.ts';
export { ContainerfileError } from './errors.ts';
export { expand, expandDocument, type Lookup } from './expand.ts';
export { type Ignore, readIgnore } from './ignore.ts';
export type { Copy, Instruction } from './instructions.ts';
export { type Containerfile, parseContainerfile, type Stage } from './parse.ts';
export { locate, platformArgs, readContainerfile } from './read.ts';
export { Arguments, envOf, lookupIn } from './scope.ts';
export { findStage, neededStages } from './stages.ts';
export type { Word } from './words.ts';
