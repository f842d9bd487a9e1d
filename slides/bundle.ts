// The modules of a deck for a folder without a server. A browser does not load modules from files, but from data in the page it does: every
// module becomes an entry of an import map, under a name of its own, which a classic script puts into the page; the page defers it.
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { home } from '../workshop/paths.ts';
import { libraries, withoutTypes } from '../workshop/serve/modules.ts';

/** What a module names that it imports: statically, or when it is needed. */
const imports = /(\bfrom\s*|\bimport\s*|\bimport\s*\(\s*)(['"])([^'"]+)\2/g;

/** A script's text. `entry`: of the repository; `lazy`: with what is only imported when it is needed. */
export function bundle(entry: string, lazy: boolean): string {
  const modules = new Map<string, string>();
  const add = (path: string): string => {
    const name = `boxwright:${path}`;
    if (modules.has(name)) return name;
    modules.set(name, '');
    const text = withoutTypes(readFileSync(`${home}/${path}`, 'utf8'));
    const own = text.replace(imports, (found, how: string, quote: string, wanted: string) => {
      if (how.includes('(') && !lazy) return found;
      if (!wanted.startsWith('.')) {
        addLibrary(wanted, modules);
        return found;
      }
      return `${how}${quote}${add(posix.join(posix.dirname(path), wanted))}${quote}`;
    });
    modules.set(name, own);
    return name;
  };
  const start = add(entry);
  const map = [...modules].map(([name, text]) => [
    name,
    `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`,
  ]);
  return `const map = document.createElement('script');
map.type = 'importmap';
map.textContent = JSON.stringify({ imports: ${JSON.stringify(Object.fromEntries(map), null, 1)} });
document.currentScript.after(map);
import(${JSON.stringify(start)});
`;
}

function addLibrary(name: string, modules: Map<string, string>): void {
  const file = libraries[name];
  if (!file) throw new Error(`no library is called ${name}: workshop/serve/modules.ts`);
  if (!modules.has(name)) modules.set(name, readFileSync(`${home}/node_modules/${file}`, 'utf8'));
}
