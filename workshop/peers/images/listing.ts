// All that can be seen of a tree: every path and every attribute, no link followed. Two trees are the same when their listings are.
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { nameFrom } from '#images';
import { into, Process } from '#linux';

/** One path, as words that can be compared and read. What does not apply is absent. */
export interface Listed {
  type: string;
  /** Octal, with setuid, setgid and sticky. */
  mode: string;
  owner: string;
  /** Nanoseconds since 1970. */
  mtime: string;
  size?: string;
  sha256?: string;
  /** Of a symlink. */
  target?: string;
  /** `major:minor` */
  device?: string;
  /** The first of the paths that are this same file, where there are several. */
  link?: string;
  /** `name=hexadecimal`, sorted. */
  xattrs?: string;
}

/** By path from the tree's root, which is `.`; see images/bytes.ts for names that are no UTF-8. */
export type Listing = Map<string, Listed>;

/** Lists what is at the path, which may be under /proc/PID/root. Wants root, or a tree that this user can read. */
export async function list(root: string): Promise<Listing> {
  const paths = [Buffer.from('.'), ...walk(root, Buffer.alloc(0))];
  const xattrs = await readXattrs(paths.map(path => under(root, path)));
  // Not by the number of links, which in an overlay counts those that are hidden.
  const sharing = new Map<string, string[]>();
  const listing: Listing = new Map();
  for (const [i, path] of paths.entries()) {
    const stat = lstatSync(under(root, path), { bigint: true });
    const name = nameFrom(path);
    const file = `${stat.dev}:${stat.ino}`;
    sharing.set(file, [...(sharing.get(file) ?? []), name]);
    listing.set(name, { ...describe(under(root, path), stat), ...(xattrs[i] && { xattrs: xattrs[i] }) });
  }
  for (const names of sharing.values())
    if (names.length > 1) for (const name of names) Object.assign(listing.get(name) ?? {}, { link: names[0] });
  return listing;
}

function* walk(root: string, folder: Buffer): Generator<Buffer> {
  const names = readdirSync(under(root, folder), { encoding: 'buffer', withFileTypes: true });
  for (const entry of names.sort((a, b) => a.name.compare(b.name))) {
    const path = folder.length ? Buffer.concat([folder, Buffer.from('/'), entry.name]) : entry.name;
    yield path;
    if (entry.isDirectory()) yield* walk(root, path);
  }
}

const under = (root: string, path: Uint8Array) => Buffer.concat([Buffer.from(`${root}/`), path]);

function describe(path: Buffer, stat: BigIntStats): Listed {
  const common = {
    mode: (stat.mode & 0o7777n).toString(8),
    owner: `${stat.uid}:${stat.gid}`,
    mtime: String(stat.mtimeNs),
  };
  if (stat.isDirectory()) return { type: 'directory', ...common };
  if (stat.isSymbolicLink())
    return { type: 'symlink', ...common, target: nameFrom(readlinkSync(path, { encoding: 'buffer' })) };
  if (stat.isFIFO()) return { type: 'fifo', ...common };
  if (stat.isSocket()) return { type: 'socket', ...common };
  if (!stat.isFile())
    return { type: stat.isBlockDevice() ? 'block' : 'character', ...common, device: numbers(stat.rdev) };
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { type: 'file', ...common, size: String(stat.size), sha256 };
}

/** makedev(3), backwards. */
const numbers = (device: bigint) => `${(device >> 8n) & 0xfffn}:${(device & 0xffn) | ((device >> 12n) & 0xffffff00n)}`;

/** Node has no call for them. First how long each list is, then the few that are there. llistxattr(2), lgetxattr(2) */
async function readXattrs(paths: Buffer[]): Promise<string[]> {
  const box = await Process.start({ stdio: ['ignore', 'ignore', 'inherit'], trace: false });
  const all = async (calls: (() => Promise<number>)[]) => {
    const sizes: number[] = [];
    for (let at = 0; at < calls.length; at += 500) {
      let made: Promise<number>[] = [];
      await box.together(() => {
        made = calls.slice(at, at + 500).map(call => call());
      });
      sizes.push(...(await Promise.all(made)));
    }
    return sizes;
  };
  /** What a call writes, with a first call to learn how much that is. */
  const filled = async (wanted: { name: string; args: Buffer[] }[]) => {
    const sizes = await all(wanted.map(each => () => box.syscall(each.name, ...each.args, null, 0)));
    const buffers = sizes.map(size => Buffer.alloc(size));
    const calls = wanted.map(
      (each, i) => () => box.syscall(each.name, ...each.args, into(buffers[i] as Buffer), sizes[i]),
    );
    const wrote = await all(calls.filter((_, i) => sizes[i]));
    // An overlay counts its own attributes, and does not show them.
    return buffers.map((buffer, i) => (sizes[i] ? buffer.subarray(0, wrote.shift()) : buffer));
  };
  try {
    const lists = await filled(paths.map(path => ({ name: 'llistxattr', args: [zero(path)] })));
    const pairs = lists.flatMap((names, i) =>
      nameFrom(names)
        .split('\0')
        .slice(0, -1)
        .sort()
        .map(name => ({ i, name })),
    );
    const values = await filled(
      pairs.map(({ i, name }) => ({ name: 'lgetxattr', args: [zero(paths[i] as Buffer), zero(Buffer.from(name))] })),
    );
    const found: string[][] = paths.map(() => []);
    for (const [at, { i, name }] of pairs.entries()) found[i]?.push(`${name}=${values[at]?.toString('hex')}`);
    return found.map(each => each.join(' '));
  } finally {
    await box.end();
  }
}

const zero = (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)]);

/** What differs, a line each; the first few, and how many more. Empty when nothing does. `aside`: `path: field`, not to be compared. */
export function differences(ours: Listing, theirs: Listing, aside: string[] = [], most = 12): string[] {
  const lines: string[] = [];
  for (const path of new Set([...theirs.keys(), ...ours.keys()])) {
    const [a, b] = [ours.get(path), theirs.get(path)];
    const name = JSON.stringify(short(path));
    if (!a || !b) lines.push(`${name}: only in ${a ? 'ours' : 'theirs'}, a ${(a ?? b)?.type}`);
    else
      for (const field of new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof Listed>)
        if (a[field] !== b[field] && !aside.includes(`${path}: ${field}`))
          lines.push(`${name}: ${field} is ${short(a[field])} in ours, ${short(b[field])} in theirs`);
  }
  return lines.length > most ? [...lines.slice(0, most), `and ${lines.length - most} more`] : lines;
}

const short = (text = 'absent') => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
