// The one file that holds a class: who joined, and what each sent last. Readable by its owner alone, written whole, changed by one
// process at a time; what arrives together is written together.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { makeFolder, writeWhole } from '../files.ts';
import { withLock } from '../lock.ts';
import { progress } from '../paths.ts';
import { newCode, newToken } from '../serve/token.ts';
import type { Export } from './export.ts';

export interface Person {
  /** Unique in the class. */
  name: string;
  /** The SHA-256 of the secret by which they are known again. */
  key: string;
  /** ISO 8601, by this machine's clock. */
  joinedAt: string;
  receivedAt: string | null;
  progress: Export | null;
}

export interface ClassFile {
  version: 1;
  /** To be told to the learners. */
  code: string;
  /** Of the board's page: the instructor's. */
  token: string;
  people: Person[];
}

export const defaultFile = `${progress}/class.json`;
export const mostPeople = 500;

export interface Store {
  path: string;
  /** As the file is now. */
  read(): ClassFile;
  /** Settles when it is on the disk. What `change` throws concerns this change alone. */
  change<T>(change: (file: ClassFile) => T): Promise<T>;
}

export function openStore(path = defaultFile): Store {
  const first = { code: newCode(6), token: newToken() };
  // Another process can delete it: then the class begins anew, with the code that is on the wall.
  const read = (): ClassFile => {
    const found = readClass(path) ?? { version: 1, ...first, people: [] };
    Object.assign(first, { code: found.code, token: found.token });
    return found;
  };
  let waiting: Waiting[] = [];

  function write(): void {
    const now = waiting;
    waiting = [];
    const settle: (() => void)[] = [];
    try {
      locked(path, () => {
        const file = read();
        for (const { work, done, failed } of now) {
          try {
            const result = work(file);
            settle.push(() => done(result));
          } catch (error) {
            settle.push(() => failed(error));
          }
        }
        writeWhole(path, `${JSON.stringify(file)}\n`, 0o600);
      });
    } catch (error) {
      for (const { failed } of now) failed(error);
      return;
    }
    for (const each of settle) each();
  }

  return {
    path,
    read,
    change<T>(work: (file: ClassFile) => T): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      if (waiting.length === 0) setImmediate(write);
      waiting.push({ work, done: result => resolve(result as T), failed: reject });
      return promise;
    },
  };
}

interface Waiting {
  work(file: ClassFile): unknown;
  done(result: unknown): void;
  failed(error: unknown): void;
}

/** Null where there is none. */
export function readClass(path: string): ClassFile | null {
  try {
    const found = JSON.parse(readFileSync(path, 'utf8')) as ClassFile;
    if (
      found.version === 1 &&
      Array.isArray(found.people) &&
      found.people.every(isPerson) &&
      found.code &&
      found.token
    ) {
      return found;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    if (code) throw new UserError(`${path} cannot be used: ${code}`, 'see who owns it, or name another with --file');
  }
  throw new UserError(`${path} is no class of this Boxwright`, 'name another with --file, or move it away');
}

const isPerson = (found: Person | null) => typeof found?.name === 'string' && typeof found.key === 'string';

/** Deletes it all: also what a server that was killed had begun to write. False where there was nothing. */
export function forgetAll(path: string): boolean {
  if (!existsSync(dirname(path))) return false;
  return locked(path, () => {
    const begun = readdirSync(dirname(path)).filter(name => isBegun(name, basename(path)));
    const files = [path, ...begun.map(name => `${dirname(path)}/${name}`)].filter(each => existsSync(each));
    for (const each of files) rmSync(each);
    return files.length > 0;
  });
}

/** By whole name; the names in a class differ. False where nobody is called so. */
export function forgetOne(path: string, name: string): boolean {
  return locked(path, () => {
    const file = readClass(path);
    const people = file?.people.filter(person => person.name !== name);
    if (!file || !people || people.length === file.people.length) return false;
    writeWhole(path, `${JSON.stringify({ ...file, people })}\n`, 0o600);
    return true;
  });
}

/** `class.json.4711.new`: see writeWhole. */
function isBegun(name: string, file: string): boolean {
  return name.startsWith(`${file}.`) && /^\d+\.new$/.test(name.slice(file.length + 1));
}

function locked<T>(path: string, work: () => T): T {
  makeFolder(dirname(path));
  return withLock(`${path}.lock`, work);
}
