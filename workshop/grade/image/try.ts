// Makes the image of Containerfile by lesson 17's builder, from a Debian made on the spot and without a network, and lets it mark the solution of
// lesson 01 in a container of `box run`: `node workshop/grade/image/try.ts`. It takes some minutes, and so is no part of `npm test`.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { parseAllDocuments } from 'yaml';
import { findLesson } from '../../lessons.ts';
import { home } from '../../paths.ts';
import { debianImage } from '../../peers/images/debian.ts';

const folder = mkdtempSync(`${tmpdir()}/boxwright-image-`);
// RUN's root is nobody outside, and goes through here.
chmodSync(folder, 0o755);
const store = `${folder}/store`;
const box = `${home}/box/box.mjs`;
const boxwright = `${home}/workshop/boxwright.mjs`;
const timed = <T>(what: string, action: () => T): T => {
  const begun = performance.now();
  const result = action();
  console.log(`${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
};
const node = (args: string[], input: Uint8Array = Buffer.alloc(0)) =>
  execFileSync(process.execPath, args, { input, stdio: ['pipe', 'pipe', 'inherit'], cwd: home, maxBuffer: 1 << 28 });

try {
  const debian = debianImage();
  if ('reason' in debian) throw new Error(debian.reason);
  // An empty build makes the store, to which skopeo then adds.
  mkdirSync(`${folder}/empty`);
  execFileSync('sh', ['-c', `printf 'FROM scratch\nLABEL a=b\n' >'${folder}/empty/Containerfile'`]);
  node([box, 'build', '--store', store, '-t', 'empty', `${folder}/empty`]);
  execFileSync('skopeo', ['copy', '-q', `oci:${debian.layout}:gzip`, `oci:${store}:localhost/debian:base`]);
  const from = ['--build-arg', 'BASE=localhost/debian:base', '--build-arg', 'PACKAGES='];
  const file = `${home}/workshop/grade/image/Containerfile`;
  timed('box build', () => node([box, 'build', '--store', store, ...from, '-f', file, '-t', 'boxwright-grade', home]));

  const { name, slug, files } = findLesson('01');
  mkdirSync(`${folder}/class/ann/lessons/${name}`, { recursive: true });
  cpSync(files.solution, `${folder}/class/ann/lessons/${name}/${slug}.ts`);
  const grade = (...args: string[]) => [boxwright, 'grade', `${folder}/class`, '--lessons', '01', ...args];
  const emitted = node(grade('--emit', 'kubernetes', '--image', 'boxwright-grade')).toString();
  const secret = parseAllDocuments(emitted).map(each => each.toJSON())[1];
  const order = Buffer.from(secret.data['0.json.gz'], 'base64');
  const log = timed('box run', () => node([box, 'run', '--store', store, 'boxwright-grade', '--packed', '-'], order));
  const collect = grade('--collect', '-', '--results', `${folder}/results`, '--json');
  const [{ grade: worth }] = JSON.parse(node(collect, log).toString()).grades;
  console.log(`the solution of lesson 01: ${worth}`);
  process.exitCode = worth === 100 ? 0 : 1;
} finally {
  // Files of an image may be read-only folders.
  spawnSync('chmod', ['-R', 'u+w', folder]);
  rmSync(folder, { recursive: true, force: true });
}
