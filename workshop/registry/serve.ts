// `registry FOLDER [PORT] [--cut BYTES]` on the sandbox's host: an image layout, served read-only as a registry on 127.0.0.1. What its
// index.json names `shop:1.0` is there as 127.0.0.1:5000/shop:1.0. It stays behind when the command ends, and writes what it is asked
// for into FOLDER.log. `--cut` ends each connection after so many bytes of a blob, as bad lines do.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Index, refName } from '#images';
import type { Seen } from './behaviour.ts';
import { RegistryServer, type Source } from './server.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { cut: { type: 'string' }, stay: { type: 'boolean' } },
});
const [folder = '.', port = '5000'] = positionals;
if (values.stay) await serve();
else await leave();

async function serve(): Promise<void> {
  const rules = values.cut ? [{ on: '/blobs/', cut: Number(values.cut) }] : [];
  const server = new RegistryServer(layoutSource(), { rules }, note);
  await server.listen(Number(port));
  process.stdout.write('ready');
}

/** Starts the same once more, in the background, and ends when that listens. */
async function leave(): Promise<void> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2), '--stay'];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) process.exit(1);
  console.log(`127.0.0.1:${port} has what ${folder} has`);
  process.exit(0);
}

function note({ line, range, status, sent }: Seen): void {
  appendFileSync(`${folder}.log`, `${line}${range ? `, ${range}` : ''} → ${status}, ${sent} bytes\n`);
}

function layoutSource(): Source {
  const blob = (digest: string) => {
    const path = `${folder}/blobs/${digest.replace(':', '/')}`;
    return /^sha\d+:[\da-f]+$/.test(digest) && existsSync(path) ? readFileSync(path) : undefined;
  };
  // Read anew each time: whoever changes the file changes what is served.
  const named = () => {
    const { manifests } = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8')) as Index;
    return new Map(manifests.map(each => [each.annotations?.[refName] ?? '', each.digest]));
  };
  return {
    blob,
    tags: repository =>
      [...named().keys()].flatMap(name => (name.startsWith(`${repository}:`) ? name.slice(repository.length + 1) : [])),
    manifest(repository, reference) {
      const digest = reference.includes(':') ? reference : named().get(`${repository}:${reference}`);
      const bytes = digest && blob(digest);
      return bytes ? { bytes, digest, mediaType: JSON.parse(bytes.toString()).mediaType } : undefined;
    },
  };
}
