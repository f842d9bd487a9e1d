// Makes `npx boxwright` and `npx box` work inside the repository: npm links the programs of dependencies, but not a package's own. Nor are
// they named as `bin` in package.json: npx would take a lock for them each time, which an npx that is killed leaves behind for a minute.
// And the workshop's Node, which npm 9 (Debian 12 and 13 have it) installs and does not link.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const programs = { boxwright: 'workshop/boxwright.mjs', box: 'box/box.mjs' };
const bin = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
mkdirSync(bin, { recursive: true });
for (const [name, path] of Object.entries(programs)) {
  // On Windows links are not everybody's to make, and are not run.
  if (process.platform === 'win32') {
    writeFileSync(`${bin}${name}.cmd`, `@node "%~dp0..\\..\\${path.replaceAll('/', '\\')}" %*\r\n`);
    continue;
  }
  rmSync(`${bin}${name}`, { force: true });
  symlinkSync(`../../${path}`, `${bin}${name}`);
}

const node = `node-${process.platform}-${process.arch}/bin/node`;
if (existsSync(`${bin}../${node}`) && !existsSync(`${bin}node`)) {
  chmodSync(`${bin}../${node}`, 0o755);
  rmSync(`${bin}node`, { force: true });
  symlinkSync(`../${node}`, `${bin}node`);
}
