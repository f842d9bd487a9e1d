// Process 1 of a new pid namespace: lesson 08's init, tini, or the command with no init at all. The same start for each.
import { build, CLONE, type Process, type StartOptions } from '#linux';
import { underInit } from '../../solutions/08-pid/pid.ts';

export const tini = '/usr/bin/tini';
export type Kind = 'ours' | 'tini' | 'none';

/** What an ordinary user must add to get a pid namespace. */
const own = process.getuid?.() === 0 ? 0 : CLONE.NEWUSER;
const env = { PATH: '/usr/local/bin:/usr/bin:/bin' };

export function startUnder(kind: Kind, command: string[], options: StartOptions = {}): Promise<Process> {
  const become = (box: Process, argv: string[]) => box.execve(argv[0] ?? '', argv, env);
  return build(
    async box => {
      await box.clone(own | CLONE.NEWPID);
      if (kind === 'ours') await underInit(box, async child => void (await become(child, command)));
      else await become(box, kind === 'tini' ? [tini, '--', ...command] : command);
    },
    { wires: 2, ...options },
  );
}
