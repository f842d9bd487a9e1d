// A pseudo-terminal in the sandbox, joined to the terminal that we run on: so that a shell inside leads a session of its own,
// is interrupted as a shell should be, and hears of a new window size. pty(7), ioctl_tty(2)
import { chownSync, closeSync, constants, createReadStream, openSync, writeSync } from 'node:fs';
import { into, O, Process } from '#linux';
import type { Sandbox } from './sandbox.ts';

const TIOCSCTTY = 0x540e;
const TIOCSWINSZ = 0x5414;
const TIOCGPTN = 0x80045430;
const TIOCSPTLCK = 0x40045431;

export interface Terminal {
  /** Gives our terminal back as it was. After the last byte from inside has been shown. */
  close(): Promise<void>;
}

/** In a guest: the size of the terminal outside, `24x80`, whose keys arrive one by one on standard input. remote/run.ts */
const distant = () => process.env.BOXWRIGHT_TERMINAL;

/** Whether there is a terminal to join. */
export const hasTerminal = () => (process.stdin.isTTY && process.stdout.isTTY) || distant() !== undefined;

/** Makes a new terminal of the sandbox's the box's standard input, output and error, and its controlling one. */
export async function attachTerminal({ box, base, path }: Sandbox): Promise<Terminal> {
  const [rows = 24, columns = 80] = (distant() ?? '').split('x').filter(Boolean).map(Number);
  const master = openSync(path('/dev/pts/ptmx'), constants.O_RDWR | constants.O_NOCTTY);
  // Node has no ioctl. This process has nothing else to do, and does not hold our own terminal.
  const clerk = await Process.start({ stdio: ['ignore', 'ignore', 'ignore'], pass: [master], trace: false });
  const ioctl = (request: number, data: Uint8Array) => clerk.syscall('ioctl', 4, request, into(data));
  const resize = () => {
    const size = Buffer.alloc(8);
    size.writeUInt16LE(process.stdout.rows ?? rows, 0);
    size.writeUInt16LE(process.stdout.columns ?? columns, 2);
    ioctl(TIOCSWINSZ, size).catch(() => {});
  };

  try {
    const number = Buffer.alloc(4);
    await ioctl(TIOCSPTLCK, Buffer.alloc(4));
    await ioctl(TIOCGPTN, number);
    resize();
    // It belongs to whoever opened the other end: to us.
    const name = `/dev/pts/${number.readUInt32LE()}`;
    if (process.getuid?.() === 0) chownSync(path(name), base, base);
    await box.setsid();
    const slave = await box.open(name, O.RDWR);
    await box.syscall('ioctl', slave, TIOCSCTTY, 0);
    for (const fd of [0, 1, 2]) await box.dup2(slave, fd);
    await box.close(slave);
  } catch (error) {
    await clerk.end();
    closeSync(master);
    throw error;
  }

  const fromInside = createReadStream('', { fd: master, autoClose: false });
  const shown = new Promise<void>(done => {
    fromInside.on('data', data => process.stdout.write(data));
    // EIO: nobody inside has it open any more.
    fromInside.on('error', () => done()).on('end', done);
  });
  const toInside = (data: Buffer) => writeSync(master, data);
  process.stdin.setRawMode?.(true);
  process.stdin.on('data', toInside).resume();
  process.stdout.on('resize', resize);
  const restore = () => process.stdin.setRawMode?.(false);
  process.on('exit', restore);

  return {
    async close() {
      process.stdin.off('data', toInside).pause();
      process.stdout.off('resize', resize);
      restore();
      process.off('exit', restore);
      await Promise.race([shown, new Promise(next => setTimeout(next, 500))]);
      // Closes the descriptor too, as soon as no read is under way.
      fromInside.destroy();
      await clerk.end();
    },
  };
}
