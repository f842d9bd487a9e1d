// A blob on its way to a registry: in one piece, and when that is cut, what the registry still lacks in another.
// distribution-spec, "Pushing a blob in chunks"
import { createReadStream } from 'node:fs';
import type { Report } from '../store/ingest.ts';
import type { Descriptor } from '../types.ts';
import { type Answer, resolve } from './answer.ts';
import type { Asking, Repository } from './repository.ts';

/** Where an upload goes on: each answer names the next place. */
const placeOf = (answer: Answer) => resolve(answer.header('location') ?? '', answer.url);

/** `begun` is the registry's answer to `POST …/blobs/uploads/`, `path` the file, `asking` what goes with each request. */
export async function upload(
  at: Repository,
  begun: Answer,
  { digest, size }: Descriptor,
  { path, report, ...asking }: Asking & { path: string; report: Report },
): Promise<void> {
  const patience = at.client.patience(asking.signal);
  let place = placeOf(begun);
  for (let sent = 0; sent < size; ) {
    const start = sent;
    const body = { size: size - start, open: () => reported(createReadStream(path, { start }), start, report) };
    const headers = { 'content-type': 'application/octet-stream', 'content-range': `${start}-${size - 1}` };
    try {
      const answer = await at.ask(place, { ...asking, method: 'PATCH', headers, body });
      await answer.drop();
      [place, sent] = [placeOf(answer), size];
    } catch (error) {
      await patience.wait(error);
      // 204, and `Range: 0-41` of what it has; where it has nothing, `0-0`. Some have forgotten it all: Docker's up to 2.8.
      const { answer } = await at.read(place, { ...asking, allowed: [400, 404, 416] });
      const last = Number(/-(\d+)$/.exec(answer.header('range') ?? '')?.[1] ?? 0);
      const isKnown = answer.status < 400;
      const next = isKnown ? answer : (await at.read('blobs/uploads/', { ...asking, method: 'POST' })).answer;
      [place, sent] = [placeOf(next), isKnown && last ? last + 1 : 0];
      if (sent > start) patience.progressed();
    }
  }
  place.searchParams.set('digest', digest);
  await at.read(place, { ...asking, method: 'PUT', headers: { 'content-length': '0' } });
}

/** The same bytes, and how many they have been. */
async function* reported(chunks: AsyncIterable<Uint8Array>, before: number, report: Report) {
  let count = before;
  for await (const chunk of chunks) {
    yield chunk;
    count += chunk.length;
    report(count);
  }
}
