// '#images': what lessons 15 to 17 stand on. The documents of an image, tar, compression, names and digests, and the tree that
// layers are unpacked into; not the lessons' own work.
export { applyAll } from './apply.ts';
export { bytesOf, nameFrom, pathArgument } from './bytes.ts';
export { type Become, complete } from './complete.ts';
export { decompress } from './decompress.ts';
export { chainNames, digestOf, hashFor, parseDigest } from './digest.ts';
export { checkConfig, checkIndex, checkManifest } from './documents.ts';
export { ImageError } from './errors.ts';
export {
  blobPath,
  documentLimit,
  findEntry,
  parseJson,
  readBlob,
  readDocument,
  readImage,
  readIndex,
  readInnerIndex,
} from './layout.ts';
export { fitness, parsePlatform, showPlatform, thisPlatform } from './platform.ts';
export { type Entry, type EntryType, plainEntry } from './tar/entry.ts';
export { type Piece, type ReadEntry, readTar } from './tar/read.ts';
export { copyAttributes, type How, type Place, Tree, times } from './tree.ts';
export * from './types.ts';
export { enterFolder, findUser, type User } from './users.ts';
