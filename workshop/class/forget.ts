// `class --forget`: what is known of the class, or of one person, is deleted for good, after a question.
import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { quoted } from './export.ts';
import { forgetAll, forgetOne, readClass } from './store.ts';

/** A line about what was done. `yes`: nobody is asked. */
export async function forget(file: string, name: string | null, yes: boolean): Promise<string> {
  if (name !== null && !readClass(file)?.people.some(person => person.name === name)) {
    throw new UserError(
      `nobody on the board is called ${quoted(name)}`,
      '`npx boxwright class --json` has the names in full',
    );
  }
  if (name === null && !existsSync(file) && !forgetAll(file)) return 'there is no class to forget';
  const what = name === null ? `the whole class in ${file}` : quoted(name);
  if (!yes && !(await agreed(`Delete ${what}? Nothing brings it back.`))) return 'nothing was deleted';
  if (name !== null) forgetOne(file, name);
  else forgetAll(file);
  return name === null ? `${file} is deleted` : `${quoted(name)} is deleted; to come back, they join again`;
}

async function agreed(message: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UserError('that would delete data, and there is nobody to ask', 'add --yes', 2);
  }
  const { default: inquirer } = await import('inquirer');
  const { sure } = await inquirer.prompt<{ sure: boolean }>([
    { type: 'confirm', name: 'sure', message, default: false },
  ]);
  return sure;
}
