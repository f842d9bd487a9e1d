// Files that a user names for others' data or their own: readable by the user alone until they decide otherwise.
import { UserError } from '../errors.ts';
import { writeWhole } from '../files.ts';

export function writeNew(path: string, text: string): void {
  try {
    writeWhole(path, text, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new UserError(`${path} cannot be written: ${code}`, 'name another file', 1);
  }
}
