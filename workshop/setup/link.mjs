// Makes `npx boxwright` and `npx box` work inside the repository: npm links the programs of dependencies, but not a package's own.
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { bin: programs } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const bin = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
mkdirSync(bin, { recursive: true });
for (const [name, path] of Object.entries(programs ?? {})) {
  rmSync(`${bin}${name}`, { force: true });
  symlinkSync(`../../${path}`, `${bin}${name}`);
}
