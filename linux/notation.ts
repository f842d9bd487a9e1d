// How strace writes numbers that have names, and bytes. Pure.
import * as constants from './constants.ts';

/** Names with their bits, in the order in which strace prints them, and what stands before each. */
export interface Flags {
  names: readonly (readonly [name: string, bits: bigint])[];
  prefix: string;
}

function flags(names: Record<string, number>, prefix: string, without: string[] = []): Flags {
  const named = Object.entries(names)
    .filter(([name, bits]) => bits !== 0 && !without.includes(name))
    .sort((a, b) => a[1] - b[1])
    .map(([name, bits]) => [name.startsWith('UMOUNT_') ? name : prefix + name, BigInt(bits)] as const);
  return { names: named, prefix };
}

/** Not in the order of their bits: O_SYNC and O_TMPFILE stand before the names that they contain. */
const openOrder = [
  ...(['CREAT', 'EXCL', 'NOCTTY', 'TRUNC', 'APPEND', 'NONBLOCK', 'SYNC', 'DSYNC', 'DIRECT', 'NOFOLLOW'] as const),
  ...(['NOATIME', 'CLOEXEC', 'PATH', 'TMPFILE', 'DIRECTORY'] as const),
];
const openNames = [
  ...openOrder.map(name => [`O_${name}`, BigInt(constants.O[name])] as const),
  ['FASYNC', BigInt(constants.O.ASYNC)] as const,
];

export const groups = {
  CLONE: flags(constants.CLONE, 'CLONE_'),
  MS: flags(constants.MS, 'MS_', ['RMT_MASK', 'MGC_VAL', 'MGC_MSK', 'NOUSER', 'KERNMOUNT']),
  MNT: flags({ ...constants.MNT, UMOUNT_NOFOLLOW: constants.MNT.NOFOLLOW }, 'MNT_', ['NOFOLLOW']),
  AT: flags(constants.AT, 'AT_', ['EACCESS', 'FDCWD', 'HANDLE_FID', 'STATX_SYNC_TYPE']),
  MOUNT_ATTR: flags(constants.MOUNT_ATTR, 'MOUNT_ATTR_', ['_ATIME']),
  OPEN_TREE: {
    prefix: 'OPEN_TREE_',
    names: [
      ...flags({ ...constants.OPEN_TREE, CLOEXEC: constants.O.CLOEXEC }, 'OPEN_TREE_').names,
      ...flags(constants.AT, 'AT_', ['EACCESS', 'FDCWD', 'HANDLE_FID']).names,
    ],
  },
  MOVE_MOUNT: flags(constants.MOVE_MOUNT, 'MOVE_MOUNT_', ['_MASK']),
  CLOSE_RANGE: flags(constants.CLOSE_RANGE, 'CLOSE_RANGE_'),
  W: flags(constants.W, 'W', ['EXITED', 'STOPPED']),
  IFF: flags(constants.IFF, 'IFF_'),
  O: { prefix: 'O_', names: openNames },
} satisfies Record<string, Flags>;

/** `MS_REC|MS_PRIVATE`; bits without a name at the end. */
export function formatFlags(value: number | bigint, { names, prefix }: Flags): string {
  // BigInt, because CLONE_INTO_CGROUP has more than 32 bits.
  let rest = BigInt.asUintN(64, BigInt(value));
  if (rest === 0n) return '0';
  const found: string[] = [];
  for (const [name, bits] of names) {
    if ((rest & bits) !== bits) continue;
    found.push(name);
    rest &= ~bits;
  }
  if (found.length === 0) return `0x${rest.toString(16)} /* ${prefix}??? */`;
  return [...found, ...(rest === 0n ? [] : [`0x${rest.toString(16)}`])].join('|');
}

export function formatOpenFlags(value: number): string {
  const access = ['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_ACCMODE'][value & constants.O.ACCMODE] ?? '';
  const rest = value & ~constants.O.ACCMODE;
  return rest === 0 ? access : `${access}|${formatFlags(rest, groups.O)}`;
}

export function formatMode(mode: number): string {
  const type = (['IFCHR', 'IFBLK', 'IFREG', 'IFIFO', 'IFSOCK', 'IFDIR', 'IFLNK'] as const).find(
    name => (mode & constants.S.IFMT) === constants.S[name],
  );
  const permissions = `0${(mode & ~constants.S.IFMT).toString(8).padStart(2, '0')}`;
  return type ? `S_${type}|${permissions}` : permissions;
}

export const formatNumber = (value: number) => String(value);

export function nameOf(names: Record<string, number>, value: number, prefix: string): string {
  const name = Object.entries(names).find(([, number]) => number === value)?.[0];
  return name ? prefix + name : String(value);
}

const escapes: Record<string, string> = { '\t': 't', '\n': 'n', '\v': 'v', '\f': 'f', '\r': 'r', '"': '"', '\\': '\\' };

/** A string in C's notation, cut at 128 characters unless it is to be whole. Bytes that are no UTF-8 become octal numbers. */
export function quote(content: string | Uint8Array, cut = true): string {
  const text = typeof content === 'string' ? content : decode(content, cut ? 4 * 128 + 4 : content.length);
  const shown = cut ? [...text].slice(0, 128).join('') : text;
  const quoted = shown.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
    /["\\\u0000-\u001f\u007f-\u009f\u{f0080}-\u{f00ff}]/gu,
    (character, at: number) => {
      if (escapes[character]) return `\\${escapes[character]}`;
      const octal = ((character.codePointAt(0) ?? 0) & 0xff).toString(8);
      // In full where a digit follows that would be read as part of it.
      return `\\${/[0-7]/.test(shown[at + character.length] ?? '') ? octal.padStart(3, '0') : octal}`;
    },
  );
  return `"${quoted}"${shown.length < text.length ? '...' : ''}`;
}

/** As text; bytes that are none are kept in a private range of Unicode, for `quote` to write as numbers. */
function decode(bytes: Uint8Array, size: number): string {
  const shown = bytes.subarray(0, size);
  try {
    // stream: a character that is cut in two at the end is no mistake of the text.
    return new TextDecoder('utf8', { fatal: true, ignoreBOM: true }).decode(shown, { stream: size < bytes.length });
  } catch {
    return Array.from(shown, byte => String.fromCodePoint(byte < 0x80 ? byte : 0xf0000 + byte)).join('');
  }
}
