// One line on stderr for each step of set-up: what it is, and how long it took. Stdout stays the command's own, so that
// `npm start -- list --json` is JSON also on the first day.

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const { stderr } = process;
  const began = performance.now();
  const seconds = digits => `${((performance.now() - began) / 1000).toFixed(digits)} s`;

  stderr.write(`  ${what} … `);
  const ticking = stderr.isTTY && setInterval(() => stderr.write(`\r  ${what} … ${seconds(0)}`), 1000);
  const finish = ending => {
    clearInterval(ticking);
    stderr.write(`${ticking ? `\r  ${what} … ` : ''}${ending}\n`);
  };

  try {
    const result = await work();
    finish(seconds(1));
    return result;
  } catch (error) {
    finish(`failed after ${seconds(1)}`);
    throw error;
  }
}
