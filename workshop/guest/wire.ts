// The host's end of the wire: frames of one letter, a length of four bytes (little-endian) and that many bytes. The other
// end is init/wire.c.

/**
 * R ready for the order · C the order · O and E bytes of stdout and stderr · I and Z bytes and end of stdin
 * A the last I was taken
 * X the command ended, with one byte of status · F the guest could not do it, with the reason
 */
export type FrameType = 'R' | 'C' | 'O' | 'E' | 'I' | 'A' | 'Z' | 'X' | 'F';

/** The longest frame of input: half of what a terminal's line buffer holds. */
export const maxFrame = 2048;

export function frame(type: FrameType, data: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeUInt32LE(data.length, 1);
  return Buffer.concat([header, data]);
}

/** Returns a function that takes bytes as they come and calls back once for each complete frame. */
export function frameReader(onFrame: (type: FrameType, data: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32LE(1);
      if (rest.length < end) return;
      const type = rest.toString('latin1', 0, 1) as FrameType;
      const data = rest.subarray(5, end);
      rest = rest.subarray(end);
      onFrame(type, data);
    }
  };
}

/** What the guest is asked to do. All paths are absolute, and the host's. */
export interface Order {
  args: string[];
  /** `NAME=value` each. */
  env: string[];
  cwd: string;
  /** Folders that are written through to the host. */
  shares: string[];
  /** Folders that must stay visible where the guest would put an empty tmpfs over them. */
  keep: string[];
  /** Files and folders of the host that are not to be seen, but for what is to be kept below them. */
  hide: string[];
  hostname: string;
  /** Where the host has the modules of the guest's kernel, and that kernel's release. */
  modules: string;
  release: string;
  readOnly: boolean;
  stdin: boolean;
}

/** The frame for an order: records of a letter, a text and a zero byte. */
export function orderFrame(order: Order): Buffer {
  const records = [
    ...order.args.map(arg => `a${arg}`),
    ...order.env.map(pair => `e${pair}`),
    ...order.shares.map(share => `s${share}`),
    ...order.keep.map(folder => `k${folder}`),
    ...order.hide.map(path => `x${path}`),
    `d${order.cwd}`,
    `h${order.hostname}`,
    `m${order.modules}`,
    `r${order.release}`,
    ...(order.readOnly ? ['o'] : []),
    ...(order.stdin ? ['i'] : []),
  ];
  return frame('C', Buffer.from(records.map(record => `${record}\0`).join('')));
}
