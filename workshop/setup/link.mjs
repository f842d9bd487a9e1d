// Makes `npx boxwright` work inside the repository: npm links the programs of dependencies, but not a package's own.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));
mkdirSync(bin, { recursive: true });
rmSync(`${bin}boxwright`, { force: true });
symlinkSync('../../workshop/boxwright.mjs', `${bin}boxwright`);
