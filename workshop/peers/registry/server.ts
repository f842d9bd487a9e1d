// Debian's docker-registry on a free port of 127.0.0.1, with its own folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Authority } from './authority.ts';
import { issuer, service } from './tokens.ts';

export interface Registry {
  /** `127.0.0.1:41235` */
  host: string;
  /** Where it keeps what was pushed. */
  data: string;
  close(): Promise<void>;
}

export interface Serving {
  tls?: Authority;
  /** A token server's address, whose tokens are signed with the authority's key. */
  realm?: { url: string; authority: Authority };
  /** Or the name and password of `basic`. */
  basic?: boolean;
}

export const basic = { username: 'tester', password: 'open sesame' };
/** crypt(5), bcrypt: what the registry wants. */
const hashed = `${basic.username}:$2a$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n`;

export async function startRegistry(folder: string, { tls, realm, basic: isBasic }: Serving = {}): Promise<Registry> {
  const data = `${folder}/data`;
  mkdirSync(data, { recursive: true });
  writeFileSync(`${folder}/htpasswd`, hashed);
  const config = {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: {
      addr: '127.0.0.1:0',
      secret: 'of no importance',
      ...(tls && { tls: { certificate: tls.certificate, key: tls.key } }),
    },
    ...(isBasic && { auth: { htpasswd: { realm: 'test', path: `${folder}/htpasswd` } } }),
    ...(realm && {
      auth: { token: { realm: realm.url, service, issuer, rootcertbundle: realm.authority.certificate } },
    }),
  };
  // JSON is YAML.
  writeFileSync(`${folder}/config.yml`, JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', `${folder}/config.yml`], { stdio: ['ignore', 'ignore', 'pipe'] });
  const host = await listening(child);
  return { host, data, close: () => end(child) };
}

/** What it says goes on being read, for a pipe that nobody reads ends whoever writes. */
function listening(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', chunk => {
      text = (text + chunk).slice(-10_000);
      const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(text) ?? [];
      if (host !== undefined) resolve(host);
    });
    child.once('exit', () => reject(new Error(`docker-registry did not start: ${text}`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
