// A port for a server that goes away and comes back at the same one. What the kernel hands out to whoever asks for any may be another's by
// then; it hands out none of these.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Free on 127.0.0.1, and below those that are handed out. ip(7), ip_local_port_range */
export async function ownPort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, firstOfAnybodys());
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}

function firstOfAnybodys(): number {
  try {
    const [first = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/).map(Number);
    return first > 11_000 ? first : 32_768;
  } catch {
    return 32_768;
  }
}
