// What `npm start` and `npm test` run before anything else: it makes a fresh clone ready, and on every later start finds
// within milliseconds that nothing is to be done. Plain JavaScript without dependencies, for whatever Node (18 or newer)
// the machine has; the part that may use packages and TypeScript is setup.ts, started from here once they are installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { fileURLToPath } from 'node:url';
import { belongsElsewhere } from '../machine/where.mjs';

const home = fileURLToPath(new URL('../../', import.meta.url));
const self = fileURLToPath(import.meta.url);
const tests = process.argv.includes('--tests');
const stamp = `${home}.cache/${tests ? 'setup-tests' : 'setup'}.json`;
const lock = `${home}.cache/setup.lock`;
const workshopNode = `${home}node_modules/.bin/node`;
const lockHeld = 'BOXWRIGHT_SETUP_LOCK_HELD';

/** What flock(1) is told to end with when another holds the lock: a status that no set-up ends with. */
const BUSY = '75';

if (!tests && belongsElsewhere(process.platform, process.env)) {
  // The workshop is set up inside a machine with Linux: out here only `npx boxwright` has to find it.
  await import('./link.mjs');
} else if (!isReady()) process.exitCode = process.env[lockHeld] ? await setUp() : await setUpUnderLock();

/** True when a finished set-up saw the same inputs, and what it made or found is still there. */
function isReady() {
  const { inputs, made = [] } = readJson(stamp) ?? {};
  return inputs !== undefined && inputs === inputsDigest() && made.every(path => existsSync(path));
}

/** A digest of everything that set-up depends on. Contents, not times: `git checkout` renews times without a change. */
function inputsDigest() {
  const digest = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  const sources = ['workshop/setup/', 'helper-c/'].flatMap(folder =>
    (existsSync(home + folder) ? readdirSync(home + folder, { withFileTypes: true }) : [])
      .filter(entry => entry.isFile() && !entry.name.includes('.test.'))
      .map(entry => folder + entry.name)
      .sort(),
  );
  for (const path of ['package-lock.json', 'node_modules/.package-lock.json', ...sources]) {
    const content = existsSync(home + path) ? readFileSync(home + path) : '';
    digest.update(`${path} ${content.length}\n`).update(content);
  }
  return digest.digest('hex');
}

/**
 * Two set-ups at once would ruin each other's files, so this program starts itself again under flock(1): the kernel
 * keeps that lock, and it is gone with its owner, however the owner died. Where there is no flock (macOS), set-up runs without.
 */
async function setUpUnderLock() {
  try {
    mkdirSync(`${home}.cache`, { recursive: true });
    for (const folder of [home, `${home}.cache`]) accessSync(folder, constants.W_OK);
  } catch (error) {
    return fail(`${error.path} cannot be written by this user`, 'make the folder yours (chown -R), then again');
  }
  const again = [lock, process.execPath, self, ...process.argv.slice(2)];
  const options = { stdio: 'inherit', env: { ...process.env, [lockHeld]: 'yes' } };
  try {
    let status = await run('flock', ['--no-fork', '--nonblock', '--conflict-exit-code', BUSY, ...again], options);
    if (status === Number(BUSY)) {
      console.error('Another set-up is at work in this folder; waiting for it.');
      status = await run('flock', ['--no-fork', ...again], options);
    }
    return status;
  } catch (error) {
    if (error.code === 'ENOENT') return setUp();
    throw error;
  }
}

async function setUp() {
  delete process.env[lockHeld];
  console.error(`Making Boxwright ready (once${tests ? ', with what the tests need' : ''}):`);
  if (!isInstalled() || !usableNode()) {
    const status = await install();
    if (status !== 0) return status;
  }
  const node = usableNode();
  if (!node) {
    const its = `Node ${process.versions.node} is too old for the workshop`;
    return fail(
      `${its}, and npm brought none for ${process.platform} on ${process.arch}`,
      'install Node 24, then again',
    );
  }
  const setup = [`${home}workshop/setup/setup.ts`, '--stamp', stamp, '--inputs', inputsDigest()];
  return run(node, [...setup, ...(tests ? ['--tests'] : [])], { stdio: 'inherit', cwd: home });
}

/**
 * Whether npm has installed what package-lock.json names. npm keeps a list of what it installed beside the packages and
 * writes it last, so an interrupted installation has none. Optional packages may be absent: they are other machines'.
 */
function isInstalled() {
  const wanted = readJson(`${home}package-lock.json`)?.packages ?? {};
  const found = readJson(`${home}node_modules/.package-lock.json`)?.packages;
  if (!found || !existsSync(`${home}node_modules/.bin/boxwright`)) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || (found[path] ? found[path].version === version : optional),
  );
}

async function install() {
  const { step } = await import('./step.mjs');
  const output = [];
  const npm = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--no-progress',
    '--loglevel=warn',
  ];
  const keep = child => [child.stdout, child.stderr].map(stream => stream.on('data', chunk => output.push(chunk)));
  try {
    await step('packages from npm', async () => {
      const status = await run('npm', npm, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] }, keep);
      if (status !== 0) throw new Error(`\`npm ci\` failed with status ${status}`);
    });
    await import('./link.mjs'); // for those who told npm to run no scripts
    return 0;
  } catch (error) {
    process.stderr.write(Buffer.concat(output));
    if (error.code === 'ENOENT')
      return fail('npm is not installed', 'install it (Debian: apt install npm), then again');
    return fail(`${error.message}; what it said is above`, 'mend that, then again');
  }
}

/** The Node that npm brought; else, as on macOS, the machine's own if it strips types. */
function usableNode() {
  if (existsSync(workshopNode)) return workshopNode;
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 18) ? process.execPath : undefined;
}

/** A child's exit status. Who ends us by a signal means the child too; Ctrl-C reaches it by itself. */
function run(command, args, options, whenStarted = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options).on('error', reject);
    const forward = signal => child.kill(signal);
    const signals = ['SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    whenStarted(child);
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? 128 + os.signals[signal]);
    });
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined; // not there, or cut short: both mean that the work is to be done
  }
}

function fail(what, next) {
  console.error(`boxwright: ${what}\nnext: ${next}`);
  return 1;
}
