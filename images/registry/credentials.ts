// Names and passwords that other tools have stored: containers-auth.json(5) of podman and skopeo, config.json of Docker.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { ImageError } from '../errors.ts';

export interface Credentials {
  username: string;
  password: string;
}

/** Where `podman login` and `docker login` leave them, in the order in which podman looks. */
function files(): string[] {
  const { REGISTRY_AUTH_FILE: named, XDG_RUNTIME_DIR: runtime, XDG_CONFIG_HOME, DOCKER_CONFIG } = process.env;
  if (named) return [named];
  return [
    ...(runtime ? [`${runtime}/containers/auth.json`] : []),
    `${XDG_CONFIG_HOME || `${homedir()}/.config`}/containers/auth.json`,
    `${DOCKER_CONFIG || `${homedir()}/.docker`}/config.json`,
  ];
}

/** For a repository of that registry: what is stored for the longest of the names above it. */
export function storedCredentials(registry: string, repository: string): Credentials | undefined {
  const parts = `${registry}/${repository}`.split('/');
  const names = parts.map((_, i) => parts.slice(0, parts.length - i).join('/'));
  // What Docker calls its own registry there.
  if (registry === 'docker.io') names.push('https://index.docker.io/v1/', 'index.docker.io');
  names.push(`https://${registry}`, `http://${registry}`);
  for (const file of files()) {
    const auths = read(file);
    for (const name of names) {
      const found = auths[name] ?? auths[`${name}/`];
      if (typeof found?.auth === 'string' && found.auth) return decode(found.auth, file);
    }
  }
  return undefined;
}

function read(file: string): Record<string, { auth?: unknown } | undefined> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Most have none of these, and another user's is none for us.
    return {};
  }
  try {
    return JSON.parse(text)?.auths ?? {};
  } catch {
    throw new ImageError(`${file} is no JSON`, 'mend it, or log in again with the tool that wrote it');
  }
}

function decode(auth: string, file: string): Credentials {
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString()) ?? [];
  if (username === undefined || password === undefined)
    throw new ImageError(
      `${file}: an "auth" is to be NAME:PASSWORD in base64`,
      'log in again with the tool that wrote it',
    );
  // Some tools pad it with zero bytes.
  return { username, password: password.replace(/\0+$/, '') };
}
