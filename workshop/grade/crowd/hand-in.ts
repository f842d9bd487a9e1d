// The class as an instructor has it on a disk: folders, archives and repositories, with more in them than counts, and a list of them all.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { placeOf } from '../intake/collect.ts';
import type { Person } from './plan.ts';

/** When the made-up class was to hand in. */
export const due = Date.UTC(2026, 9, 30, 22);
const day = 86_400_000;

/** What must not be taken, nor run: it would leave a file. */
const besides = (canary: string) => ({
  'package.json': JSON.stringify({
    scripts: { preinstall: `touch ${canary}`, test: `touch ${canary}` },
    ava: { require: ['./x.js'] },
  }),
  'x.js': `require('node:fs').writeFileSync(${JSON.stringify(canary)}, '')\n`,
  'ava.config.js': `import './x.js'\n`,
  'lessons/01-process/process.test.ts': "import test from 'ava';\ntest('all is well', t => t.pass());\n",
});

/** Returns the list's path. */
export function handIn(people: Person[], folder: string, canary: string): string {
  const lines = people.map(person => `${person.id} = ${handInOne(person, `${folder}/${person.id}`, canary)}`);
  writeFileSync(`${folder}/class.txt`, `# ${people.length} submissions\n${lines.join('\n')}\n`);
  return `${folder}/class.txt`;
}

function handInOne(person: Person, base: string, canary: string): string {
  const tree = `${base}/work`;
  const files: Record<string, string> = besides(canary);
  for (const { lesson, text } of person.parts) if (text !== null) files[placeOf(lesson)] = text;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(`${tree}/${name}`), { recursive: true });
    writeFileSync(`${tree}/${name}`, text);
  }
  const run = (script: string) =>
    execFileSync('sh', ['-euc', script], { cwd: base, env: { ...process.env, ...dates(person) } });
  const commit = 'git -C work init -q -b main; git -C work add -f -A; git -C work commit -qm work';
  const hook = `printf '#!/bin/sh\\ntouch ${canary}\\n' > hook; chmod +x hook`;
  const trap = (config: string) =>
    `${hook}; git config -f ${config} core.fsmonitor "$PWD/hook"; git config -f ${config} core.pager "$PWD/hook"`;
  switch (person.form) {
    case 'folder':
      return tree;
    case 'class folder':
      return base;
    case 'work tree':
      run(`${commit}; ${trap('work/.git/config')}`);
      return tree;
    case 'bare repository':
      run(`${commit}; git clone -q --bare --no-local work bare.git; rm -r work; ${trap('bare.git/config')}`);
      return `${base}/bare.git`;
    default: {
      const pack = { tar: 'cat', 'tar.gz': 'gzip', 'tar.zst': 'zstd -q' }[person.form];
      run(`tar -cf - work | ${pack} > work.${person.form}; rm -r work`);
      return `${base}/work.${person.form}`;
    }
  }
}

export const handedInAt = ({ late }: Person) => new Date(due + late * day - day / 2).toISOString();

const dates = (person: Person) => ({
  ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
  ...{ GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' },
  GIT_COMMITTER_DATE: handedInAt(person),
});
