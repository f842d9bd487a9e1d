// Extended attributes, as the process that asks has them: in a user namespace, a capability is what it is in there. xattr(7)
import { into, type Process, SyscallError } from '#linux';
import { nameFrom, pathArgument } from '../bytes.ts';
import type { Entry } from '../tar/entry.ts';

/** All attributes of an open file, or of a path's last name itself. llistxattr(2), lgetxattr(2) */
export async function readXattrs(box: Process, of: number | string | Uint8Array): Promise<Entry['xattrs']> {
  const kind = typeof of === 'number' ? 'f' : 'l';
  const names = await grown(buffer => box.syscall(`${kind}listxattr`, of, into(buffer), buffer.length));
  const list = nameFrom(names ?? Buffer.alloc(0))
    .split('\0')
    .slice(0, -1)
    .sort();
  const values = list.map(name =>
    grown(buffer => box.syscall(`${kind}getxattr`, of, pathArgument(name), into(buffer), buffer.length)),
  );
  const pairs = (await Promise.all(values)).map((value, i) => [list[i] ?? '', value] as const);
  return new Map(pairs.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** What the call fills, with more room when there was too little. Nothing, where there are no attributes or not this one. */
async function grown(call: (buffer: Buffer) => Promise<number>): Promise<Buffer | undefined> {
  for (const room of [256, 64 << 10]) {
    try {
      const buffer = Buffer.alloc(room);
      return buffer.subarray(0, await call(buffer));
    } catch (error) {
      const { code } = error as SyscallError;
      if (!(error instanceof SyscallError) || !['ERANGE', 'EOPNOTSUPP', 'ENODATA'].includes(code)) throw error;
      if (code !== 'ERANGE') return undefined;
    }
  }
  return undefined;
}
