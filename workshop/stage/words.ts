// What the stage itself writes to the terminal: a dim line between two containers, and why there is none.

/**
 * Undoes what a container may have left behind: another screen, modes of mouse and keys, colours, alphabets, a hidden cursor. Not 1049,
 * which moves the cursor too. ctlseqs, “DEC Private Mode Reset”
 */
const settle = '\x1b[?47l\x1b[!p\x1b[?1;9;1000;1002;1003;1004;1006;2004l\x1b[?25h\x1b(B\x0f\x1b[0m';

const dim = (text: string) => `\x1b[2m${text}\x1b[0m`;
const line = (text: string) => `${settle}\r\n${text}\r\n`;

export const anew = line(dim('(a new container)'));
export const anewHost = line(dim('(a new host)'));

export const ended = (status: number | null, what = 'The container') =>
  line(dim(`(${what} has ended${status === null ? '' : `, status ${status}`}. Enter starts a new one.)`));

export const failed = (message: string) => line(`\x1b[31m${message}\x1b[0m\r\n${dim('(Enter tries it again.)')}`);
