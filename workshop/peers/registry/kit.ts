// What the tests of registries share: `box` as a process of its own, the other tools, a folder that goes.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { ExecutionContext } from 'ava';
import { notHere, unless } from '../../../linux/kit.ts';
import { findProgram } from '../../doctor/facts.ts';
import { home } from '../../paths.ts';

const missing = ['docker-registry', 'skopeo', 'openssl'].find(program => !findProgram(program));
export const withRegistry = unless(notHere || (missing !== undefined && `${missing} is not installed`));

export interface Outcome {
  status: number | string | null;
  stdout: string;
  stderr: string;
}

export function makeFolder(t: Pick<ExecutionContext, 'teardown'>): string {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-registry-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const words = (args: string[]) => ['--conditions=solution', '--no-warnings', `${home}/box/box.mjs`, ...args];
/** Nobody's passwords and nobody's configuration. */
const env = { ...process.env, HOME: '/nonexistent', XDG_RUNTIME_DIR: '', REGISTRY_AUTH_FILE: '', BOX_REGISTRIES: '' };

export const box = (...args: string[]): Promise<Outcome> => run(process.execPath, words(args));
export const startBox = (...args: string[]) =>
  spawn(process.execPath, words(args), { env, stdio: ['ignore', 'ignore', 'pipe'] });

export function run(program: string, args: string[], more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise(resolve => {
    const options = { env: { ...env, ...more }, maxBuffer: 64 << 20 };
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve({ status: error ? (error.code ?? error.signal ?? null) : 0, stdout, stderr }),
    );
  });
}

/** skopeo(1), which must succeed. Registries of tests are in the clear, or of an authority that nobody knows. */
export async function skopeo(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run('skopeo', ['--insecure-policy', ...args], { HOME: process.env.HOME });
  if (status !== 0) throw new Error(`skopeo ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export const copyIn = (layout: string, name: string, to: string, ...options: string[]) =>
  skopeo('copy', '-q', '--dest-tls-verify=false', ...options, `oci:${layout}:${name}`, `docker://${to}`);

/** skopeo reads every blob of it while it copies it, and compares digests. */
export async function proveWithSkopeo(
  t: Pick<ExecutionContext, 'teardown'>,
  store: string,
  name: string,
): Promise<void> {
  await skopeo('copy', '-q', `oci:${store}:${name}`, `dir:${makeFolder(t)}`);
}
