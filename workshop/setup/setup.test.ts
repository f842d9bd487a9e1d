// Set-up's second half where something is lacking: one line and what to do, never a stack.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { findProgram } from '../doctor/facts.ts';

const setup = fileURLToPath(new URL('./setup.ts', import.meta.url));

/** Runs it where only these programs exist: by name the machine's own, or with a script in its place. */
function runWith(programs: Record<string, string | undefined>) {
  const folder = mkdtempSync(join(tmpdir(), 'boxwright-setup-'));
  for (const [name, script] of Object.entries(programs)) {
    if (script) writeFileSync(`${folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    else symlinkSync(findProgram(name) ?? name, `${folder}/${name}`);
  }
  const ended = spawnSync(process.execPath, [setup], { env: { PATH: folder }, input: '', encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return ended;
}

test('without a compiler and without apt, it names what is missing', t => {
  const { status, stderr } = runWith({ bash: undefined });
  t.is(status, 1);
  t.is(stderr.split('\n').length, 3);
  t.regex(stderr, /^boxwright: missing, by their Debian names: gcc make libc6-dev\nnext: .+\n$/);
});

test('a compiler that has no static C library is noticed', t => {
  const { stderr } = runWith({ bash: undefined, make: undefined, cc: 'echo libc.a' });
  t.regex(stderr, /Debian names: libc6-dev\n/);
});

test('when apt fails, all that it said is shown, then one line and what to do', t => {
  // As an ordinary user it does not come to that, unless sudo asks for no password: here it does not.
  const sudo = '[ "$1" = -n ] && shift; [ "$1" = true ] || exec "$@"';
  const apt = 'echo "said of $*"; echo "E: the archive is unreachable" >&2; exit 100';
  const { status, stderr } = runWith({ bash: undefined, env: undefined, sudo, 'apt-get': apt });
  t.is(status, 1);
  t.regex(stderr, /Debian packages: gcc make libc6-dev … failed after/);
  t.regex(stderr, /said of -q .* update\nE: the archive is unreachable\n/);
  t.regex(stderr, /\nboxwright: .+\nnext: .+\n$/);
});

test('when a user may not install packages, the line to type is there', t => {
  const { status, stderr } = runWith({ bash: undefined, sudo: 'exit 1', 'apt-get': 'exit 100' });
  t.is(status, 1);
  if (process.geteuid?.() !== 0) {
    t.regex(stderr, /\nnext: sudo apt-get install --no-install-recommends gcc make libc6-dev\n$/);
  } else {
    t.notRegex(stderr, /next: sudo/, 'root is not sent to sudo');
  }
});
