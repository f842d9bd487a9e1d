// Where there is no Linux kernel, on macOS and Windows, the workshop is inside a machine that has one: this offers to bring
// it up, and carries on in it. Plain JavaScript without dependencies: nothing of the workshop is installed out here.
import { createInterface } from 'node:readline/promises';
import { install } from './install.mjs';
import { folder, inside, state, up } from './vagrant.mjs';

/**
 * Runs `npm start -- ARGS` in the machine and returns its exit status. `--yes`, before a command, or BOXWRIGHT_MACHINE=up
 * brings the machine up without a question.
 *
 * @param {string} platform as process.platform
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function carryOn(platform, args, env = process.env) {
  const yes = args[0] === '--yes' || env.BOXWRIGHT_MACHINE === 'up';
  const rest = args[0] === '--yes' ? args.slice(1) : args;

  const found = await state();
  if (found === 'no-vagrant') return fail('containers need Linux, and there is no Vagrant here', install(platform));
  if (found === 'no-provider') return fail('Vagrant finds no program that runs machines', install(platform));
  if (found !== 'running') {
    if (!yes && !(process.stdin.isTTY && process.stderr.isTTY)) {
      return fail(
        'containers need Linux, and the workshop’s machine is not up',
        'npm start -- --yes (or: cd vagrant && vagrant up)',
      );
    }
    const what = found === 'not_created' ? 'make one (a few minutes and about 1 GB, once)' : 'start yours';
    if (!yes && !(await agreed(`Containers need a Linux kernel. Vagrant can ${what}. Shall it? [Y/n] `))) {
      return fail('without a Linux machine there are no containers', 'later: npm start -- --yes');
    }
    const status = await up();
    if (status !== 0) {
      return fail(`\`vagrant up\` in ${folder} ended with ${status}; what it said is above`, 'see vagrant/README.md');
    }
  }
  return inside(rest);
}

/** Asked on stderr, since stdout is the command's. Enter means yes; the input's end and Ctrl-C mean no. */
async function agreed(question) {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise(resolve => lines.once('close', () => resolve('no')));
    return /^\s*(y|yes)?\s*$/i.test(await Promise.race([lines.question(question), closed]));
  } finally {
    lines.close();
  }
}

function fail(what, next) {
  console.error(`boxwright: ${what}\nnext: ${next}`);
  return 1;
}
