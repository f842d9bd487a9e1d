// Ways to answer a request badly, which more than one case needs.
import type { ServerResponse } from 'node:http';
import { mediaTypes } from '#images';
import { type Good, host, type Reply } from './server.ts';

/** Pieces until the other side hangs up, or for ever. */
export function endless(response: ServerResponse, piece: string | Uint8Array, pause = 0): void {
  const next = () => {
    if (response.destroyed || response.socket?.destroyed) return;
    if (pause > 0) {
      response.write(piece);
      setTimeout(next, pause);
    } else if (response.write(piece)) setImmediate(next);
    else response.once('drain', next);
  };
  next();
}

/** These bytes are the whole answer, whatever HTTP says; then the connection is cut, or stays open. */
export const raw =
  (text: string | ((good: Good) => string), isCut = true): Reply =>
  (response, _, good) => {
    const { socket } = response;
    socket?.on('error', () => {});
    socket?.write(typeof text === 'string' ? text : text(good));
    if (isCut) socket?.end();
  };

export const status =
  (code: number, headers: Record<string, string> = {}, body: string | Uint8Array = ''): Reply =>
  response =>
    response.writeHead(code, headers).end(body);

/** A manifest by its type, and a body of one's own. */
export const asManifest =
  (body: string | Uint8Array | ((good: Good) => string | Uint8Array), headers: Record<string, string> = {}): Reply =>
  (response, _, good) =>
    response
      .writeHead(200, { 'content-type': mediaTypes.manifest, ...headers })
      .end(typeof body === 'function' ? body(good) : body);

export const to = (location: string, code = 307) => status(code, { location });

/** Wants a token first, and takes any. */
export const challenged =
  (challenge: string, then?: Reply): Reply =>
  (response, request, good) => {
    if (request.headers.authorization === undefined)
      response.writeHead(401, { 'www-authenticate': challenge }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
    else if (then) then(response, request, good);
    else response.writeHead(200, { 'content-type': mediaTypes.manifest }).end(good.manifest);
  };

export const bearer = `Bearer realm="http://${host}/token",service="hostile",scope="repository:hostile/image:pull"`;
