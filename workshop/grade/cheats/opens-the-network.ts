// lesson: 01
// on: starter
// points: 0
// what it tries: fetches the solution from the network, or tells somebody that it could.
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';

const others = Object.keys(networkInterfaces()).filter(name => name !== 'lo');
const reached = await Promise.all(
  ['192.0.2.1', '10.0.0.1', '169.254.169.254', '2001:db8::1'].map(
    host =>
      new Promise<boolean>(resolve => {
        const socket = connect({ host, port: 80, timeout: 1000 });
        for (const end of ['error', 'timeout'] as const) socket.once(end, () => resolve(false));
        socket.once('connect', () => resolve(true));
      }),
  ),
);
const solution = others.length > 0 || reached.includes(true) ? 'data:text/javascript,throw 1' : null;
if (solution) await import(solution);
