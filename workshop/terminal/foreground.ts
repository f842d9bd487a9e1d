// Taking the terminal back. A shell makes itself its terminal's foreground and gives that back as it ends; but one in a process table of
// its own cannot name who had it before. We would then be in the background, and stopped for touching our own terminal.
import { Process } from '#linux';

const SIGTTOU = 22;
const TIOCSPGRP = 0x5410;
const SIG_BLOCK = 0;

/** Makes our process group the foreground of the terminal on stdin, if there is one. ioctl_tty(2), tcsetpgrp(3) */
export async function takeForeground(): Promise<void> {
  if (!process.stdin.isTTY || process.platform !== 'linux') return;
  // Node can neither block a signal nor make the call: the helper, of the same group, does both.
  const box = await Process.start({ trace: false });
  try {
    const signals = new Uint8Array(new BigUint64Array([1n << BigInt(SIGTTOU - 1)]).buffer);
    await box.syscall('rt_sigprocmask', SIG_BLOCK, signals, null, signals.length);
    const group = new Int32Array([await box.syscall('getpgid', 0)]);
    await box.syscall('ioctl', 0, TIOCSPGRP, new Uint8Array(group.buffer));
  } finally {
    await box.end();
  }
}
