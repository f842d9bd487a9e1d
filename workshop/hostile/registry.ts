// Hostile registries: what may come back when an image is pulled, or tags are listed.
import { gzipSync } from 'node:zlib';
import { digestOf } from '#images';
import type { Expected, RegistryCase } from './case.ts';
import { asManifest, bearer, challenged, endless, raw, status, to } from './registry/replies.ts';
import { elsewhere, type Good, host, type Replies, type Reply } from './registry/server.ts';

type Row = [how: string, expect: Expected, reply: Reply, intent: string];

const sequence = '\x1b[2J\x1b]0;owned\x07\nbox: all is well';
const json = (value: unknown) => JSON.stringify(value);
const errors = (message: string) => json({ errors: [{ code: 'DENIED', message }] });

/** The good manifest with something else in it. */
const changed = (change: (manifest: { layers: Record<string, unknown>[] }) => unknown) =>
  asManifest(good => {
    const manifest = JSON.parse(String(good.manifest));
    change(manifest);
    return json(manifest);
  });

const manifest: Row[] = [
  [
    'promises more than it sends',
    /cut|early|connection/,
    raw(good => `HTTP/1.1 200 OK\r\ncontent-length: ${good.manifest.length + 99}\r\n\r\n${good.manifest}`),
    'The length is larger than what comes.',
  ],
  [
    'promises less than it sends',
    /JSON|HTTP|image|Parse/i,
    raw(good => `HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n${good.manifest}`),
    'The length is smaller than what comes: the rest is the next answer.',
  ],
  [
    'promises a negative length',
    /./,
    raw('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}'),
    'The length is negative.',
  ],
  [
    'promises two lengths',
    /./,
    raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2000\r\n\r\n{}'),
    'Two lengths contradict each other.',
  ],
  [
    'promises 4 exabytes',
    /long|cut|large|connection/,
    raw('HTTP/1.1 200 OK\r\ncontent-length: 4611686018427387904\r\n\r\n{}'),
    'The length is one that nobody can have.',
  ],
  [
    'has a body without end',
    /too long/,
    response => endless(response.writeHead(200), Buffer.alloc(65_536, ' ')),
    'The manifest has no end.',
  ],
  [
    'has headers without end',
    /headers/,
    response => endlessly(response, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'.repeat(1000)),
    'The answer’s headers have no end.',
  ],
  [
    'has one header of a megabyte',
    /headers/,
    raw(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(1 << 20)}\r\n\r\n`),
    'One header is a megabyte long.',
  ],
  ['never answers', /not answer/, () => {}, 'The request is taken, and nothing comes back.'],
  ['hangs up', /cut|connection/, response => response.destroy(), 'The request is taken, and the connection cut.'],
  [
    'drips its headers',
    /not answer|headers/,
    response => drip(response, 'HTTP/1.1 200 OK\r\n'),
    'The headers come byte by byte.',
  ],
  [
    'drips its body',
    /too slowly/,
    response => endless(response.writeHead(200), ' ', 100),
    'The body comes byte by byte, and never ends.',
  ],
  [
    'stops in its body',
    /stopped/,
    response => response.writeHead(200).write('{'),
    'The body begins, and nothing more comes.',
  ],
  ['is not HTTP', /./, raw('SSH-2.0-OpenSSH_9.6\r\n'), 'Another kind of server listens there.'],
  ['is HTTP of another age', /./, raw('{"schemaVersion":2}'), 'There are no headers, as in HTTP 0.9.'],
  [
    'has broken chunks',
    /./,
    raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n'),
    'A chunk’s length is no number.',
  ],
  [
    'has a chunk of 2^64',
    /./,
    raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}'),
    'A chunk’s length is larger than any.',
  ],
  [
    'is cut between chunks',
    /cut|connection|early/,
    raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n'),
    'The last chunk does not come.',
  ],
  [
    'has escapes in its reason',
    /./,
    raw('HTTP/1.1 418 \x1b[2J\x1b]0;owned\x07\r\ncontent-length: 0\r\n\r\n'),
    'The status line clears the screen.',
  ],
  ['has a status of 999', /999/, raw('HTTP/1.1 999 Whatever\r\ncontent-length: 0\r\n\r\n'), 'The status is none.'],
  [
    'has the status 100 for ever',
    /not answer|HTTP|cut/,
    response => endlessly(response, '', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
    'The server says to go on, again and again.',
  ],
  ['has no content', /./, status(204), 'The answer is that there is no answer.'],
  ['has not changed', /./, status(304), 'The answer is that nothing changed, which nobody asked.'],
  ['is empty', /JSON/, asManifest(''), 'The manifest has no bytes.'],
  [
    'is a page',
    /JSON|image/,
    status(200, { 'content-type': 'text/html' }, '<html>Please log in</html>'),
    'A hotel’s network answers in the registry’s place.',
  ],
  ['is null', /image|manifest/, asManifest('null'), 'The registry sends null for a manifest.'],
  [
    'has another type',
    'harmless',
    asManifest(good => good.manifest, { 'content-type': 'text/plain' }),
    'The server calls it a text.',
  ],
  [
    'has a type of escapes',
    /./,
    raw(
      good =>
        `HTTP/1.1 200 OK\r\ncontent-type: \x9b2J\r\ncontent-length: 2\r\n\r\n{}${String(good.manifest).slice(0, 0)}`,
    ),
    'The media type clears the screen.',
  ],
  [
    'is compressed',
    /JSON|image/,
    asManifest(good => gzipSync(good.manifest), { 'content-encoding': 'gzip' }),
    'The answer is compressed, which nobody asked.',
  ],
  [
    'is a bomb',
    /JSON|image|long/,
    asManifest(() => gzipSync(Buffer.alloc(64 << 20)), { 'content-encoding': 'gzip' }),
    'The answer is compressed, and large when it is not.',
  ],
  [
    'lies about its digest',
    'harmless',
    asManifest(good => good.manifest, { 'docker-content-digest': digestOf('other') }),
    'The header names another digest than the bytes have: a header proves nothing.',
  ],
  [
    'has a digest of escapes',
    'harmless',
    asManifest(good => good.manifest, { 'docker-content-digest': '../../etc/passwd' }),
    'The header’s digest is a path.',
  ],
  [
    'is an index of itself',
    /./,
    asManifest(
      () =>
        json({
          schemaVersion: 2,
          mediaType: 'application/vnd.oci.image.index.v1+json',
          manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: digestOf('x'), size: 1 }],
        }),
      { 'content-type': 'application/vnd.oci.image.index.v1+json' },
    ),
    'Each index leads to an index, and none has its digest.',
  ],
  [
    'is an index and a manifest',
    /at once|in one/,
    changed(document => Object.assign(document, { manifests: [] })),
    'The document means two images to two readers.',
  ],
  [
    'is Docker’s first schema',
    /schema/,
    asManifest(json({ schemaVersion: 1, fsLayers: [], history: [] })),
    'The manifest is of an age without digests.',
  ],
  [
    'has a layer of a petabyte',
    /space|cut|early|bytes|longer|digest/,
    changed(({ layers }) => Object.assign(layers[0] ?? {}, { size: 2 ** 50 })),
    'A layer says that it has a petabyte.',
  ],
  [
    'has a layer of less',
    /longer|bytes|digest/,
    changed(({ layers }) => Object.assign(layers[0] ?? {}, { size: 10 })),
    'A layer is longer than its descriptor says.',
  ],
  [
    'has a layer of nothing',
    /digest|bytes|expected/,
    changed(({ layers }) => Object.assign(layers[0] ?? {}, { size: 0 })),
    'A layer says that it has no bytes, and a digest of some.',
  ],
  [
    'has a layer with a path',
    /digest/,
    changed(({ layers }) => Object.assign(layers[0] ?? {}, { digest: 'sha256:../../../../etc/passwd' })),
    'The manifest that comes has a path for a layer’s digest.',
  ],
  [
    'has two sizes for one layer',
    /./,
    changed(({ layers }) => layers.push({ ...layers[0], size: 5 })),
    'One digest is listed with two sizes.',
  ],
  [
    'has 10,000 layers',
    /layers|diff/,
    changed(({ layers }) =>
      Object.assign(
        layers,
        Array.from({ length: 10_000 }, () => layers[0]),
      ),
    ),
    'The manifest lists one layer ten thousand times.',
  ],
];

function drip(response: Parameters<Reply>[0], start: string): void {
  const { socket } = response;
  socket?.on('error', () => {});
  socket?.write(start);
  const timer = setInterval(() => (socket?.destroyed ? clearInterval(timer) : socket?.write('x')), 100);
}

/** The same bytes behind HTTP's back. */
function endlessly(response: Parameters<Reply>[0], start: string, piece: string): void {
  const { socket } = response;
  socket?.on('error', () => {});
  socket?.write(start);
  const next = () => {
    if (socket?.destroyed) return;
    if (socket?.write(piece)) setTimeout(next, 1);
    else socket?.once('drain', next);
  };
  next();
}

const redirects: Row[] = [
  [
    'in a circle',
    /without end/,
    (response, request) => to(request.url ?? '')(response, request, {} as Good),
    'A redirect leads to itself.',
  ],
  [
    'ever deeper',
    /without end/,
    (response, request) => to(`${request.url}/x`)(response, request, {} as Good),
    'Each redirect leads to another.',
  ],
  ['to file:', /address/, to('file:///etc/passwd'), 'A redirect leads to the machine’s own files.'],
  [
    'to another protocol',
    /address/,
    to('gopher://127.0.0.1:22/'),
    'A redirect leads to a protocol that nobody speaks.',
  ],
  ['to data:', /address/, to('data:application/json,{}'), 'A redirect has its answer in itself.'],
  ['with a password', /address/, to(`http://user:secret@${elsewhere}/`), 'A redirect brings credentials along.'],
  ['to nonsense', /address/, to('http://[::1'), 'A redirect’s address is none.'],
  [
    'to escapes',
    /HTTP/,
    raw('HTTP/1.1 307 OK\r\nlocation: gopher:\x9b2J\x1b[2J\r\ncontent-length: 0\r\n\r\n'),
    'A redirect’s address clears the screen.',
  ],
  ['to nowhere', /./, status(307), 'A redirect has no address.'],
  ['to a closed port', /nothing listens|cut/, to('http://127.0.0.1:1/'), 'A redirect leads to where nobody is.'],
  [
    'to an address of a megabyte',
    /headers/,
    to(`http://${host}/${'x'.repeat(1 << 20)}`),
    'A redirect’s address is a megabyte long.',
  ],
  [
    'without end to its body',
    /./,
    response => endless(response.writeHead(307, { location: `http://${host}/` }), Buffer.alloc(65_536)),
    'A redirect has a body without end.',
  ],
];

const challenges: Row[] = [
  ['is missing', /name and a password|denied/, status(401), 'Access is refused, and no word on how to get it.'],
  ['is empty', /name and a password|denied/, challenged(' '), 'The challenge is empty.'],
  ['is junk', /./, challenged('"""",,,===;;;'), 'The challenge is punctuation.'],
  ['is only quotes', /./, challenged(`Bearer ${'a="'.repeat(2000)}`), 'The challenge is quotes that do not close.'],
  [
    'is backslashes',
    /./,
    challenged(`Bearer realm="${'\\'.repeat(7999)}`),
    'The challenge is backslashes, for a pattern to go mad.',
  ],
  ['is of another kind', /name and a password|denied/, challenged('Negotiate YIIB'), 'The challenge wants Kerberos.'],
  ['has no realm', /./, challenged('Bearer service="x"'), 'The challenge does not say who gives tokens.'],
  ['has a realm of nothing', /./, challenged('Bearer realm=""'), 'The challenge’s realm is empty.'],
  [
    'has a file as realm',
    /address/,
    challenged('Bearer realm="file:///etc/passwd"'),
    'The token is to be read from the machine’s files.',
  ],
  [
    'has a path as realm',
    'harmless',
    challenged('Bearer realm="../../../token"'),
    'The challenge’s realm is a path: one of the registry itself.',
  ],
  [
    'has a realm of escapes',
    /./,
    raw('HTTP/1.1 401 No\r\nwww-authenticate: Bearer realm="\x9b2J"\r\ncontent-length: 0\r\n\r\n'),
    'The challenge’s realm clears the screen.',
  ],
  [
    'has a realm that is elsewhere',
    'either',
    challenged(`Bearer realm="http://${elsewhere}/token"`),
    'The token is to be had from another server.',
  ],
  [
    'is for ever',
    /denied|401/,
    (response, request, good) =>
      challenged(bearer, status(401, { 'www-authenticate': bearer }))(response, request, good),
    'Every token is refused, and another one asked for.',
  ],
  [
    'has __proto__',
    /./,
    challenged('Bearer __proto__="x",constructor="y"'),
    'A parameter is a property that JavaScript’s objects have.',
  ],
];

const tokens: Row[] = [
  ['a page', /JSON/, status(200, {}, '<html>Log in</html>'), 'The token server answers with a page.'],
  ['null', /token/, status(200, {}, 'null'), 'The token server answers null.'],
  ['a number', /token/, status(200, {}, '{"token":7}'), 'The token is a number.'],
  ['nothing', /token/, status(200, {}, '{}'), 'The token server sends no token.'],
  ['a header', /token/, status(200, {}, json({ token: 'x\r\nx-injected: y' })), 'The token has a second header in it.'],
  ['a megabyte', 'either', status(200, {}, json({ token: 'x'.repeat(1 << 20) })), 'The token is a megabyte long.'],
  [
    'of an end in the past',
    /denied/,
    status(200, {}, json({ token: 'x', expires_in: -1e9 })),
    'The token has expired when it comes.',
  ],
  [
    'of an end of nonsense',
    /denied/,
    status(200, {}, json({ token: 'x', expires_in: { x: 1 } })),
    'The token’s end is an object.',
  ],
  [
    'without end',
    /too long/,
    response => endless(response.writeHead(200), Buffer.alloc(65_536, ' ')),
    'The token server’s answer has no end.',
  ],
  ['500', /500/, status(500, {}, 'sorry'), 'The token server has failed.'],
  ['a refusal of escapes', /./, status(403, {}, errors(sequence)), 'The token server’s refusal clears the screen.'],
  [
    'a refusal of the registry’s',
    /denied|401|token/,
    status(401, { 'www-authenticate': bearer }),
    'The token server wants a token.',
  ],
];

const refusals: Row[] = [
  ['of escapes', /denied/, status(403, {}, errors(sequence)), 'The registry’s reason clears the screen.'],
  [
    'of C1 escapes',
    /denied/,
    status(403, {}, errors('\u009b2J\u202e')),
    'The registry’s reason has escapes of one byte.',
  ],
  ['of 3 megabytes', /denied/, status(403, {}, errors('x'.repeat(3 << 20))), 'The registry’s reason fills the screen.'],
  ['by a page', /no hostile/, status(404, {}, '<html>\x1b[2J</html>'), 'The refusal is a page.'],
  ['by null', /no hostile/, status(404, {}, '{"errors":[null]}'), 'The list of reasons has none.'],
  [
    'without end',
    /no hostile|too long/,
    response => endless(response.writeHead(404), Buffer.alloc(65_536, 'x')),
    'The refusal has no end.',
  ],
  ['for a day', /429/, status(429, { 'retry-after': '99999' }), 'The registry asks to be left alone for a day.'],
  ['for ever', /429/, status(429), 'The registry is busy, again and again.'],
  ['for nonsense', /429/, status(429, { 'retry-after': 'soon' }), 'The registry asks for a pause that is none.'],
  [
    'until the year 9999',
    /503/,
    status(503, { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }),
    'The registry asks to be left alone for eight thousand years.',
  ],
  ['for less than nothing', /503/, status(503, { 'retry-after': '-99999' }), 'The registry asks for a negative pause.'],
  [
    'for an infinite time',
    /503/,
    status(503, { 'retry-after': `${'9'.repeat(400)}` }),
    'The registry asks for a pause that becomes infinite.',
  ],
  [
    'with 500 and no end',
    /500/,
    response => endless(response.writeHead(500), Buffer.alloc(65_536)),
    'The registry fails at great length.',
  ],
];

/** Bytes of the layer from the request's range on, or all of it. */
const ranged = (request: Parameters<Reply>[1]) => Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
const half = (response: Parameters<Reply>[0], { layer }: Good) => {
  response
    .writeHead(200, { 'content-length': layer.length })
    .write(layer.subarray(0, layer.length >> 1), () => response.destroy());
};

/** As CVE-2020-15157 had it: the other server wants to know who we are. */
const curious: Reply = (response, request, good) =>
  request.headers.host === elsewhere
    ? response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    : to(`http://${elsewhere}${request.url}`)(response, request, good);

const layer: Row[] = [
  [
    'is another',
    /digest/,
    (response, _, { layer }) => response.end(Buffer.alloc(layer.length, 'evil')),
    'The layer has other bytes, as many as it should.',
  ],
  [
    'is longer',
    /longer|digest|bytes/,
    (response, _, { layer }) => response.end(Buffer.concat([layer, Buffer.alloc(10_000)])),
    'The layer goes on behind its end.',
  ],
  [
    'is shorter',
    /early|cut|ended/,
    (response, _, { layer }) => response.end(layer.subarray(0, 1000)),
    'The layer ends early, every time, and nothing new comes.',
  ],
  [
    'has no end',
    /longer|digest|bytes/,
    response => endless(response.writeHead(200), Buffer.alloc(65_536)),
    'The layer has no end.',
  ],
  ['is empty', /early|cut|ended/, status(200), 'The layer has no bytes, again and again.'],
  ['drips', /too slowly/, response => endless(response.writeHead(200), 'x', 100), 'The layer comes byte by byte.'],
  [
    'stops',
    /stopped|early|cut/,
    (response, _, { layer }) =>
      response.writeHead(200, { 'content-length': layer.length }).write(layer.subarray(0, 1000)),
    'The layer begins, and nothing more comes.',
  ],
  [
    'is cut, then whole',
    'harmless',
    (response, request, good) => (ranged(request) > 0 ? response.end(good.layer) : half(response, good)),
    'The layer is cut; asked for the rest, the server sends all of it.',
  ],
  [
    'is cut, then the rest',
    'harmless',
    (response, request, good) =>
      ranged(request) > 0
        ? response
            .writeHead(206, {
              'content-range': `bytes ${ranged(request)}-${good.layer.length - 1}/${good.layer.length}`,
            })
            .end(good.layer.subarray(ranged(request)))
        : half(response, good),
    'The layer is cut; asked for the rest, the server sends it, as it should.',
  ],
  [
    'is cut, then another rest',
    /digest|range|more came/i,
    (response, request, good) =>
      ranged(request) > 0
        ? response
            .writeHead(206, { 'content-range': `bytes 7-${good.layer.length - 1}/${good.layer.length}` })
            .end(good.layer.subarray(7))
        : half(response, good),
    'The layer is cut; asked for the rest, the server sends another part, and says so.',
  ],
  [
    'is cut, then cut before that',
    /early|cut|ended|connection/,
    (response, request, good) =>
      ranged(request) > 0
        ? response
            .writeHead(200, { 'content-length': good.layer.length })
            .write(good.layer.subarray(0, 10), () => response.destroy())
        : half(response, good),
    'The layer is cut; from then on only its beginning comes, over and over.',
  ],
  [
    'is cut, then no range',
    /range|416/i,
    (response, request, good) => (ranged(request) > 0 ? response.writeHead(416).end() : half(response, good)),
    'The layer is cut; its rest is said not to exist.',
  ],
  [
    'is a range of nonsense',
    /range|digest|more came/i,
    (response, _, { layer }) => response.writeHead(206, { 'content-range': 'bytes x-y/z' }).end(layer.subarray(7)),
    'A part is sent that nobody asked for, and said to be no part of anything.',
  ],
  [
    'is whole as a range',
    'harmless',
    (response, _, { layer }) =>
      response.writeHead(206, { 'content-range': `bytes 0-${layer.length - 1}/${layer.length}` }).end(layer),
    'The whole is called a part.',
  ],
  [
    'is compressed',
    /digest|longer|ended/,
    (response, _, { layer }) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(layer)),
    'The layer is compressed on the way, which nobody asked.',
  ],
  [
    'is cut between chunks',
    /early|cut|ended|connection/,
    (response, _, { layer }) =>
      response
        .writeHead(200, { 'transfer-encoding': 'chunked' })
        .write(layer.subarray(0, 999), () => response.destroy()),
    'The last chunk does not come, ever.',
  ],
  ['is missing', /no hostile|missing|404/, status(404), 'The layer that the manifest lists is not there.'],
  ['is a page', /digest|early|cut|ended/, status(200, {}, '<html>'), 'The layer is a web server’s error page.'],
  [
    'is elsewhere',
    'harmless',
    (response, request, good) =>
      request.headers.host === elsewhere
        ? response.end(good.layer)
        : to(`http://${elsewhere}${request.url}`)(response, request, good),
    'The layer is to be had from another server, which must not learn who we are.',
  ],
  [
    'is elsewhere, for a password',
    /denied|password/,
    curious,
    'The layer is to be had from another server, which wants a password first.',
  ],
];

const page = (tags: unknown, next?: string): Reply =>
  status(200, next ? { link: `<${next}>; rel="next"` } : {}, json({ tags }));

const tags: Row[] = [
  ['in a circle', 'harmless', page(['a'], '/v2/hostile/image/tags/list?n=1'), 'Each page of tags leads to itself.'],
  [
    'without end',
    /pages/,
    (response, request) =>
      page([`t${Math.random().toString(36).slice(2)}`], `${request.url?.slice(0, 60)}&x`)(
        response,
        request,
        {} as Good,
      ),
    'Each page of tags leads to another, with one tag more.',
  ],
  [
    'of a million',
    /too long|many/,
    status(200, {}, json({ tags: Array.from({ length: 1_000_000 }, (_, i) => `t${i}`) })),
    'A page has a million tags.',
  ],
  ['to a file', /address/, page(['a'], 'file:///etc/passwd'), 'The next page is one of the machine’s files.'],
  ['elsewhere', 'either', page(['a'], `http://${elsewhere}/v2/`), 'The next page is on another server.'],
  ['of escapes', /tags/, page([sequence]), 'A tag clears the screen when it is listed.'],
  ['of numbers', /tags/, page([1, 2]), 'Tags are numbers.'],
  ['of an object', /tags/, page({ length: 3 }), 'The tags are an object that looks like a list.'],
  ['of null', 'harmless', page(null), 'There are no tags, as some registries say it.'],
];

const rows = (kind: keyof Replies, what: string, list: Row[], others: Replies = {}): RegistryCase[] =>
  list.map(([how, expect, reply, intent]) => ({
    ...{ kind: 'registry' as const, name: `registry: ${what} ${how}`, intent, expect },
    ...{ replies: { ...others, [kind]: reply }, isTags: kind === 'tags' },
  }));

/** By HTTPS: what is asked for in secret is not to be told in the clear. */
const fromSecret: Row[] = [
  [
    'to the clear',
    /from HTTPS to plain HTTP/,
    (response, request, good) => to(`http://${elsewhere}${request.url}`)(response, request, good),
    'A redirect leads from HTTPS to where anybody can listen.',
  ],
];

export const registries: RegistryCase[] = [
  ...rows('manifest', 'manifest', manifest),
  ...rows('manifest', 'redirect', redirects),
  ...rows('manifest', 'redirect', fromSecret).map(each => ({ ...each, isSecure: true })),
  ...rows('manifest', 'challenge', challenges),
  ...rows('token', 'token', tokens, { manifest: challenged(bearer) }),
  ...rows('manifest', 'refusal', refusals),
  ...rows('layer', 'layer', layer),
  ...rows('tags', 'tags', tags),
];
