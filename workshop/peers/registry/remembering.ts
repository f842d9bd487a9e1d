// A registry that takes pushes only, and remembers of an upload that was cut what had come of it; it cuts each after two megabytes.
// distribution-spec, "Pushing a blob in chunks"
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Upload {
  content: Buffer;
  /** What each attempt said that it would bring. */
  ranges: string[];
  /** What it was at the end. */
  digest: string;
}

const piece = 2_000_000;

export async function startRemembering() {
  const uploads: Upload[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const [, number] = /uploads\/(\d+)$/.exec(url.pathname) ?? [];
    const upload = number === undefined ? undefined : uploads[Number(number)];
    const answer = (status: number, headers: Record<string, string> = {}) => response.writeHead(status, headers).end();
    const place = (index: string | number) => ({
      location: `/v2/team/app/blobs/uploads/${index}?state=${Math.random()}`,
    });

    if (request.method === 'HEAD') return answer(404);
    if (request.method === 'POST') {
      uploads.push({ content: Buffer.alloc(0), ranges: [], digest: '' });
      return answer(202, place(uploads.length - 1));
    }
    if (upload && request.method === 'GET')
      return answer(204, { ...place(number ?? ''), range: `0-${Math.max(0, upload.content.length - 1)}` });
    if (upload && request.method === 'PATCH') {
      upload.ranges.push(request.headers['content-range'] ?? '');
      let left = piece;
      request.on('data', (chunk: Buffer) => {
        upload.content = Buffer.concat([upload.content, chunk.subarray(0, left)]);
        left = Math.max(0, left - chunk.length);
        if (left === 0) request.socket.destroy();
      });
      return request.on('end', () => answer(202, place(number ?? '')));
    }
    if (upload) upload.digest = url.searchParams.get('digest') ?? '';
    request.resume().on('end', () => answer(201, { location: url.pathname }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, uploads, close };
}
