// '#images': what lessons 15 to 17 stand on. The documents of an image, tar, names and digests; not the lessons' own work.
export { bytesOf, nameFrom } from './bytes.ts';
export { digestOf, hashFor, parseDigest } from './digest.ts';
export { ImageError } from './errors.ts';
export { type Entry, type EntryType, plainEntry } from './tar/entry.ts';
export * from './types.ts';
