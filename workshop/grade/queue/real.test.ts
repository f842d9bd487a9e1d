// The commands themselves: a class of two, handed to the queue over TLS and marked in machines by a worker.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { findLesson } from '../../lessons.ts';
import { makeAuthority } from '../../peers/registry/authority.ts';
import { ownPort } from '../../testing/port.ts';
import { startServer } from './kit.ts';

const run = promisify(execFile);
const boxwright = fileURLToPath(new URL('../../boxwright.mjs', import.meta.url));

test('grade --queue and grade --work mark a class as grade alone does', async t => {
  const folder = mkdtempSync(`${tmpdir()}/boxwright-class-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const { ca, certificate, key } = makeAuthority(folder);
  const port = await ownPort();
  const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', ca];
  const server = await startServer(['--tls-port', `${port}`, '--tls-auth-clients', 'no', ...tls]);
  t.teardown(server.stop);
  const { name, files } = findLesson('01');
  const solution = readFileSync(files.solution, 'utf8');
  const none = solution.replace(/execve\(/g, 'neverMade(');
  for (const [id, text] of Object.entries({ ann: solution, bob: none })) {
    mkdirSync(`${folder}/class/${id}/lessons/${name}`, { recursive: true });
    writeFileSync(`${folder}/class/${id}/lessons/${name}/process.ts`, text);
  }

  const untrusting = { ...process.env, BOXWRIGHT_QUEUE: `rediss://127.0.0.1:${port}` };
  const env = { ...untrusting, NODE_EXTRA_CA_CERTS: ca };
  const worker = spawn(process.execPath, [boxwright, 'grade', '--work', '--jobs', '1'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  worker.stderr.on('data', data => {
    said += data;
  });
  const gone = once(worker, 'close');
  t.teardown(() => worker.kill('SIGKILL'));

  const words = ['grade', `${folder}/class`, '--lessons', '01', '--results', `${folder}/results`, '--json', '--queue'];
  const refused = await t.throwsAsync(run(process.execPath, [boxwright, ...words], { env: untrusting }));
  t.like(refused, { code: 1 });
  t.regex(
    refused.message,
    /shows a certificate that is not trusted.*\nnext: name its authority: NODE_EXTRA_CA_CERTS=FILE/,
  );
  const first = JSON.parse((await run(process.execPath, [boxwright, ...words], { env })).stdout);
  const worth = first.grades.map((each: { mark: { submission: { id: string } }; grade: number }) => [
    each.mark.submission.id,
    each.grade,
  ]);
  t.deepEqual(worth, [
    ['ann', 100],
    ['bob', 0],
  ]);
  worker.kill('SIGTERM');
  t.deepEqual(await gone, [0, null], said);
  t.is(said.match(/ begun/g)?.length, 2);

  // What is in the results folder needs no worker.
  const again = await run(process.execPath, [boxwright, ...words.slice(0, -1), '--resume', '--queue'], { env });
  t.deepEqual(JSON.parse(again.stdout).grades, first.grades);
});
