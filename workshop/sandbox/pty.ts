// A pseudo-terminal of the sandbox's: its slave is what a process in there has for standard input, output and error, so that a shell leads
// a session of its own, is interrupted as a shell should be, and hears of a new window size. Its master is ours. pty(7), ioctl_tty(2)
import { chownSync, closeSync, constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { into, O, Process } from '#linux';
import type { Sandbox } from './sandbox.ts';

const TIOCSCTTY = 0x540e;
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;

export interface Size {
  columns: number;
  rows: number;
}

export interface Pty {
  /** What is written to the terminal. Ends when nobody inside has it open any more. */
  output: ReadStream;
  /** Keys. False when those inside read none and enough wait already: then these are left out. */
  write(data: Uint8Array | string): boolean;
  /** TIOCSWINSZ: whoever is in the foreground gets a SIGWINCH. */
  resize(size: Size): void;
  /** After what those inside have written last, if somebody reads it and they have gone. */
  close(): Promise<void>;
}

/** Bytes of keys that wait until somebody reads them. */
const mostWaiting = 1 << 16;

/** Makes a new terminal the box's standard streams, and its controlling one. */
export async function openPty({ box, base, path }: Sandbox, size: Size): Promise<Pty> {
  const master = openSync(path('/dev/pts/ptmx'), constants.O_RDWR | constants.O_NOCTTY);
  let clerk: Process | undefined;
  try {
    // Node has no ioctl. This process has nothing else to do, and does not hold our own terminal.
    clerk = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'], pass: [master], trace: false });
    const number = Buffer.alloc(4);
    await clerk.syscall('ioctl', 4, TIOCSPTLCK, into(Buffer.alloc(4)));
    await clerk.syscall('ioctl', 4, TIOCGPTN, into(number));
    await setSize(clerk, size);
    // It belongs to whoever opened the other end: to us.
    const name = `/dev/pts/${number.readUInt32LE()}`;
    if (process.getuid?.() === 0) chownSync(path(name), base, base);
    await box.setsid();
    const slave = await box.open(name, O.RDWR);
    await box.syscall('ioctl', slave, TIOCSCTTY, 0);
    for (const fd of [0, 1, 2]) await box.dup2(slave, fd);
    await box.close(slave);
  } catch (error) {
    await clerk?.end();
    closeSync(master);
    throw error;
  }

  const holder = clerk;
  // Through epoll, as a socket: a read that waits in a thread would keep one of the few that Node has, for each terminal.
  const output = new ReadStream(master);
  // EIO: nobody inside has it open any more. As good an end as any.
  output.on('error', () => {});
  const gone = new Promise<void>(done => output.once('close', done).once('error', () => done()));
  return {
    output,
    write(data) {
      if (output.destroyed || output.writableLength >= mostWaiting) return false;
      output.write(data);
      return true;
    },
    resize: size => void setSize(holder, size).catch(() => {}),
    async close() {
      if (output.listenerCount('data') > 0) await Promise.race([gone, new Promise(next => setTimeout(next, 500))]);
      output.destroy();
      await holder.end();
    },
  };
}

/** struct winsize: rows, columns, and pixels, which nobody asks for. */
function setSize(clerk: Process, { columns, rows }: Size): Promise<number> {
  const size = Buffer.alloc(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(columns, 2);
  return clerk.syscall('ioctl', 4, TIOCSWINSZ, into(size));
}
