#!/usr/bin/env node
// The door to the workshop. Plain JavaScript, because the Node that runs it may be too old for TypeScript: in that case
// it starts itself again on the Node 24 that npm installed. On macOS and Windows it opens inside a machine with Linux.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { belongsElsewhere } from './machine/where.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (belongsElsewhere(process.platform, process.env)) {
  const { carryOn } = await import('./machine/elsewhere.mjs');
  process.exitCode = await carryOn(process.platform, process.argv.slice(2));
} else if (major > 22 || (major === 22 && minor >= 18)) {
  const { main } = await import('./main.ts');
  await main(process.argv.slice(2));
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (!existsSync(node)) {
    console.error(`boxwright: Node ${process.versions.node} is too old, and the workshop's own is not installed yet.`);
    console.error('next: run `npm install` here (or `npm start`, which does it for you)');
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // ^C reaches the child from the terminal; this process has to live on until the child has cleaned up.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM').removeAllListeners('SIGHUP');
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
