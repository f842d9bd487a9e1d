// Takes the kernel proper out of a `vmlinuz`: under QEMU's emulation, unpacking itself takes a kernel several seconds.
import { spawnSync } from 'node:child_process';

const xzMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

/**
 * The ELF kernel in `image`. An image that is not packed with xz comes back as it is, and so does any where there is no
 * `xz` program: it boots too.
 *
 * Source: the kernel's Documentation/x86/boot.rst, setup_sects, payload_offset and payload_length
 */
export function extractVmlinux(image: Buffer): Buffer {
  if (image.toString('latin1', 0x202, 0x206) !== 'HdrS') return image;
  const setup = (image.readUInt8(0x1f1) + 1) * 512;
  const start = setup + image.readUInt32LE(0x248);
  // The last four bytes are not xz's: they hold the unpacked length.
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  if (!payload.subarray(0, xzMagic.length).equals(xzMagic)) return image;

  const { stdout, status } = spawnSync('xz', ['-dc'], { input: payload, maxBuffer: 1 << 30 });
  return status === 0 ? stdout : image;
}
