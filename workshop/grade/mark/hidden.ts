// What of the machine that grades its guests do not see: people's files, and all that a program does not need to run.
import { readdirSync } from 'node:fs';
import { home } from '../../paths.ts';

/** Folders that a system's programs live in; the guest mounts its own over the last six. */
const system = /^(bin|sbin|lib\w*|usr|etc|var|proc|sys|dev|run|tmp)$/;

/** Of /var what a program may look for. */
const ofVar = /^(tmp|run|lock)$/;

/** Paths for a guest's `hide`. The workshop's folder stays, but for its history, which has the answers too. */
export function hiddenPaths(): string[] {
  const top = readdirSync('/', { withFileTypes: true }).filter(
    entry => !entry.isSymbolicLink() && !system.test(entry.name),
  );
  const inVar = readdirSync('/var').filter(name => !ofVar.test(name));
  return [
    ...top.map(entry => `/${entry.name}`),
    ...inVar.map(name => `/var/${name}`),
    `${home}/.git`,
    `${home}/.progress`,
  ];
}
