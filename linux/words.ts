// Structures of the kernel's that are nothing but numbers of one size. All machines here have the low byte first.

/** Words of 32 bits, without a sign. */
export const u32 = (...words: number[]) => new Uint8Array(Uint32Array.from(words).buffer);

/** Words of 64 bits; -1 is all of them. */
export const u64 = (...words: (number | bigint)[]) => new Uint8Array(BigUint64Array.from(words, BigInt).buffer);
