// Registries for checks, in a process of their own in the sandbox's network: the checker says over descriptor 4 what they have
// and how they behave, and reads what they saw. JSON, a line a message.
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Behaviour, Seen } from './behaviour.ts';
import { RegistryServer } from './server.ts';

/** What one has, in base64: documents by `team/app:1.0` or `team/app@sha256:…`, blobs by digest. */
export interface Content {
  manifests: Record<string, { mediaType: string; bytes: string; digest?: string }>;
  blobs: Record<string, string>;
}

export type Order =
  | { op: 'open'; content: Content; behaviour: Behaviour }
  | { op: 'change'; port: number; content?: Content; behaviour?: Behaviour }
  | { op: 'seen'; port: number }
  | { op: 'release'; port: number };

export type Reply = { id: number; value: number | Seen[] | null };

const servers = new Map<number, { server: RegistryServer; content: Content }>();

async function obey(order: Order): Promise<Reply['value']> {
  if (order.op === 'open') {
    const holder = { content: order.content };
    const bytes = (text: string | undefined) => (text === undefined ? undefined : Buffer.from(text, 'base64'));
    const server = new RegistryServer(
      {
        manifest(repository, reference) {
          const found = holder.content.manifests[`${repository}${reference.includes(':') ? '@' : ':'}${reference}`];
          return found && { ...found, bytes: Buffer.from(found.bytes, 'base64') };
        },
        tags: () => ['latest'],
        blob: digest => bytes(holder.content.blobs[digest]),
      },
      order.behaviour,
    );
    const port = await server.listen();
    servers.set(port, Object.assign(holder, { server }));
    return port;
  }
  const found = servers.get(order.port);
  if (!found) return null;
  if (order.op === 'seen') return found.server.seen;
  if (order.op === 'release') found.server.release();
  else {
    if (order.content) found.content = order.content;
    if (order.behaviour) found.server.behaviour = order.behaviour;
  }
  return null;
}

const wire = new Socket({ fd: 4 });
createInterface({ input: wire }).on('line', async line => {
  const { id, ...order } = JSON.parse(line) as Order & { id: number };
  wire.write(`${JSON.stringify({ id, value: await obey(order) } satisfies Reply)}\n`);
});
wire.on('error', () => {}).on('close', () => process.exit(0));
