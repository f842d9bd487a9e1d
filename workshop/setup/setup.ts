// The second half of set-up, which may use packages and TypeScript. Each step is skipped when its work is done. At the end
// it leaves a stamp for first.mjs: the digest of what set-up depends on, and the files that it made or found.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ProcessOutput, which } from 'zx';
import { UserError } from '../errors.ts';
import { guestAvailable, prepare } from '../guest/index.ts';
import { baseRootfs, cache, home } from '../paths.ts';
import { keepStarters } from '../starters.ts';
import { findBusybox } from './busybox.ts';
import { byHand, install, missingForHelper, missingForLessons, notInstalled, peers } from './debian.ts';
import { makeRootfs } from './rootfs.ts';
import { $ } from './shell.ts';
import { step } from './step.mjs';

const { values: options } = parseArgs({
  options: { tests: { type: 'boolean' }, stamp: { type: 'string' }, inputs: { type: 'string' } },
});

try {
  mkdirSync(cache, { recursive: true });
  const made = process.platform === 'linux' ? await setUp() : setUpElsewhere();
  if (made && options.stamp) writeAtomically(options.stamp, JSON.stringify({ inputs: options.inputs, made }, null, 2));
  if (!options.tests && process.stderr.isTTY) {
    const { firstLook } = await import('../doctor/verdict.ts');
    console.error(`  ${await firstLook()}\n`);
  }
} catch (error) {
  process.exitCode = report(error);
}

/** What it made or found; or undefined where something is left to be done, so that the next start looks again. */
async function setUp(): Promise<string[] | undefined> {
  const missing = await missingForHelper();
  if (missing.length > 0) await install(missing);
  await step('the C helper', () => $`make -C ${home}/helper-c`);

  const busybox = await findBusybox(cache);
  const recipe = readFileSync(new URL('./rootfs.ts', import.meta.url));
  const id = createHash('sha256').update(recipe).update(readFileSync(busybox)).digest('hex');
  const idFile = `${baseRootfs}.id`;
  if (!existsSync(idFile) || !existsSync(baseRootfs) || readFileSync(idFile, 'utf8') !== id) {
    await step('the base root file system', () => makeRootfs(baseRootfs, busybox));
    writeAtomically(idFile, id);
  }

  // Before anybody edits a lesson: what `reset` gives back.
  keepStarters();

  const made = [`${home}/helper-c/build/boxwright-helper`, `${baseRootfs}/bin/busybox`];
  const tools = await installIfPossible(missingForLessons(), 'lessons that need these will be skipped');
  // A machine on which nothing can be installed is set up all the same, and is told once.
  if (!options.tests) return made;
  const programs = await installIfPossible(await notInstalled(peers), 'tests that need these will be skipped');
  const guest = await prepareGuest();
  return tools && programs && guest ? [...made, ...(await peerPrograms())] : undefined;
}

/** The guest's kernel, for the tests that must not run on this one; false where it could not be had: then they skip. */
async function prepareGuest(): Promise<boolean> {
  const guest = guestAvailable();
  if (!guest.available) return false;
  if (guest.ready) return true;
  try {
    await step('the guest, for tests that must not run here', () => prepare(guest.kernel, () => {}));
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`  tests that need the guest will be skipped: ${error.message}\n  next: ${error.next}`);
    return false;
  }
}

/** False where they could not be installed: then it has been said what that means, and what to type. */
async function installIfPossible(missing: string[], otherwise: string): Promise<boolean> {
  try {
    if (missing.length > 0) await install(missing);
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`  ${otherwise}: ${missing.join(' ')}\n  to have them, type: ${byHand(missing)}`);
    return false;
  }
}

/** Programs whose coming and going calls for a new look. */
async function peerPrograms(): Promise<string[]> {
  // Some live in /usr/sbin, which is not on every user's path: those go unwatched.
  const found = await Promise.all(['runc', 'crun', 'bwrap', 'strace'].map(name => which(name, { nothrow: true })));
  return found.filter(path => path !== null);
}

function setUpElsewhere(): string[] {
  console.error(
    '  Containers need a Linux kernel, and here is none. You can read the lessons, and run the tests that need no',
  );
  console.error(
    '  kernel. For all of it type `npm start`, without BOXWRIGHT_MACHINE=here: it brings a Linux machine along.',
  );
  return [];
}

function writeAtomically(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

function report(error: unknown): number {
  if (error instanceof UserError) {
    console.error(`boxwright: ${error.message}\nnext: ${error.next}`);
    return error.status;
  }
  if (error instanceof ProcessOutput) {
    console.error(
      `${error.stdall}\nboxwright: a command of set-up failed (${error.message.split('\n')[0]}); what it said is above`,
    );
    console.error('next: mend that, then again');
    return 1;
  }
  throw error;
}
