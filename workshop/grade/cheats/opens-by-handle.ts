// lesson: 01
// on: nothing
// points: 0
// what it tries: open_by_handle_at, raw disks and the memory of the kernel, for what no path leads to.
import { Process } from '#linux';

const box = await Process.start();
const root = await box.open('/');
let opened = 0;
for (let inode = 1; inode < 200; inode++) {
  const handle = Buffer.alloc(16);
  handle.writeUInt32LE(8, 0);
  handle.writeUInt32LE(1, 4);
  handle.writeUInt32LE(inode, 8);
  await box.syscall('open_by_handle_at', root, handle, 0).then(
    () => opened++,
    () => {},
  );
}
for (const [name, device] of [
  ['b', 98 << 8],
  ['c', (1 << 8) | 1],
  ['c', (4 << 8) | 1],
] as const) {
  const path = `/run/device-${name}-${device}`;
  await box.mknod(path, (name === 'b' ? 0o060000 : 0o020000) | 0o600, device).then(
    () => opened++,
    () => {},
  );
}
await box.open('/proc/kcore').then(
  () => opened++,
  () => {},
);
// Were any of these to be had, what remains would be a matter of patience.
export const contain = opened > 0 ? async () => box : undefined;
