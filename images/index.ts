// '#images': what lessons 15 to 17 stand on. The documents of an image, tar, compression, names and digests, and the tree that
// layers are unpacked into; not the lessons' own work.

export * from './build/index.ts';
export { bytesOf, nameFrom, pathArgument } from './bytes.ts';
export { decompress } from './decompress.ts';
export { chainNames, digestOf, hashFor, parseDigest } from './digest.ts';
export { checkConfig, checkIndex, checkManifest } from './documents.ts';
export { ImageError } from './errors.ts';
export {
  blobPath,
  documentLimit,
  findEntry,
  findImage,
  parseJson,
  readBlob,
  readDocument,
  readImage,
  readIndex,
} from './layout.ts';
export { checkPlatform, fitness, parsePlatform, showPlatform, thisPlatform } from './platform.ts';
export { admit } from './registry/admit.ts';
export { type Answer, resolve } from './registry/answer.ts';
export {
  allTags,
  blobsOf,
  documentType,
  documentTypes,
  readIndexBytes,
  readManifest,
} from './registry/answers.ts';
export { parseChallenges } from './registry/challenge.ts';
export { Client } from './registry/client.ts';
export type { Request } from './registry/http.ts';
export { HttpError } from './registry/http-error.ts';
export { atOnce, inParallel } from './registry/parallel.ts';
export { Patience } from './registry/patience.ts';
export { type Progress, showProgress, showSize, silent } from './registry/progress.ts';
export { pushImage } from './registry/push.ts';
export { checkReference, type Reference } from './registry/reference.ts';
export { howToLogIn, refusal } from './registry/refusal.ts';
export { type Endpoint, type Policy, type Registries, readRegistries } from './registry/registries.ts';
export {
  type Asking,
  type Fetched,
  fromFirst,
  type Options,
  type Repository,
  repositories,
  type Token,
} from './registry/repository.ts';
export type { Fetch, Report } from './store/ingest.ts';
export { Store } from './store/store.ts';
export { sweepUnpacked, whileRunning } from './store/unpacked.ts';
export { type Entry, type EntryType, plainEntry } from './tar/entry.ts';
export { type Piece, type ReadEntry, readTar } from './tar/read.ts';
export { layersApart, type MountOver, mountPoints } from './tree/apart.ts';
export { applyAll } from './tree/apply.ts';
export { times } from './tree/ask.ts';
export { type Become, complete } from './tree/complete.ts';
export { type How, type Place, Tree } from './tree/tree.ts';
export * from './types.ts';
export { enterAs, findUser, type User } from './users.ts';
