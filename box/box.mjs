#!/usr/bin/env -S node --max-semi-space-size=2
// The door to `box`. Plain JavaScript, because the Node that runs it may be too old for TypeScript: then it starts itself again on
// the Node 24 that npm installed. What box is made of are the lessons: the learner's own where they have passed, else ours.
//
// The space for young objects is small (MiB), because a layer's bytes are such, and so are given back sooner.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 18)) {
  // Node strips the types of a file once, not at every start.
  module.enableCompileCache(fileURLToPath(new URL('../.cache/compiled', import.meta.url)));
  // package.json, "imports": `#16-registry` is the learner's file, or under the condition `solved-16` ours. Who starts Node with
  // conditions of their own has decided already.
  if (!process.execArgv.some(each => each.startsWith('--conditions'))) {
    const { conditionsForAll } = await import('../workshop/check/earlier.ts');
    const ours = conditionsForAll();
    module.registerHooks({
      resolve: (name, context, next) =>
        next(name, name.startsWith('#') ? { ...context, conditions: [...context.conditions, ...ours] } : context),
    });
  }
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(`box: Node ${process.versions.node} is too old, and the workshop's own is not installed yet.`);
    console.error('next: run `npm install` here');
    process.exit(1);
  }
  const child = spawn(node, ['--max-semi-space-size=2', fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // ^C reaches the child from the terminal; this process has to live on until the child has ended in order.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM').removeAllListeners('SIGHUP');
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
