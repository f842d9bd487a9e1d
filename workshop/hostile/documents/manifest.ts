// The manifest: configuration and layers. manifest.md
import { mediaTypes } from '#images';
import type { Document } from '../layout.ts';
import { nested, type Row, remove, rows, secret, sequence, set, text } from './change.ts';

const list: Row[] = [
  ['no JSON', /JSON/, text('no JSON'), 'The manifest is a text.'],
  ['null', /manifest/, text('null'), 'The manifest is null.'],
  ['a list', /manifest/, text('[]'), 'The manifest is a list.'],
  [
    'nested',
    /JSON|manifest/,
    text(nested(200_000, '[', ']')),
    'The manifest is two hundred thousand lists in each other.',
  ],
  [
    'of 100 MB',
    /long|large|bytes/i,
    document => Buffer.concat([Buffer.from(JSON.stringify(document)), Buffer.alloc(100 << 20, ' ')]),
    'The manifest has a hundred megabytes.',
  ],
  ['of version 1', /version/i, set('schemaVersion', 1), 'The manifest is of Docker’s first schema.'],
  [
    'of another type',
    /type|manifest|says/i,
    set('mediaType', mediaTypes.index),
    'The manifest says that it is an index.',
  ],
  [
    'that has manifests, too',
    /at once/,
    document => ({
      ...document,
      mediaType: undefined,
      manifests: [{ mediaType: mediaTypes.manifest, digest: secret, size: 7 }],
    }),
    'A document is both manifest and index, and has two meanings for two readers.',
  ],
  ['without config', /config/, remove('config'), 'The manifest has no configuration.'],
  ['with config null', /config|descriptor/, set('config', null), 'The manifest has null for a configuration.'],
  [
    'with config a text',
    /descriptor|config/,
    set('config', 'sha256:x'),
    'The manifest has a text for a configuration.',
  ],
  [
    'with a config of another type',
    'harmless',
    set('config.mediaType', 'application/vnd.cncf.helm.config.v1+json'),
    'The configuration’s media type is that of something else, and what it says is an image’s.',
  ],
  [
    'whose config is itself',
    /digest|bytes|size|missing|config/i,
    (document: Document) => set('config', { mediaType: mediaTypes.config, digest: secret, size: 2 })(document),
    'The configuration is a blob that is not there.',
  ],
  [
    'whose config is a layer',
    /./,
    (document: Document) => set('config', document.layers[0])(document),
    'The configuration is a layer.',
  ],
  ['without layers', /layers/, remove('layers'), 'The manifest has no list of layers.'],
  ['with layers no list', /layers/, set('layers', {}), 'The layers are an object.'],
  ['with layers a text', /layers/, set('layers', 'layers'), 'The layers are a text, which has a length.'],
  ['with layers null', /descriptor/, set('layers', [null]), 'A layer is null.'],
  [
    'with too many layers',
    /diff|layers/i,
    (document: Document) => set('layers', [document.layers[0], document.layers[0]])(document),
    'There are more layers than the configuration knows.',
  ],
  ['with too few layers', /diff|layers/i, set('layers', []), 'There are fewer layers than the configuration knows.'],
  [
    'of 10,000 layers',
    /diff|layers|many/i,
    (document: Document) =>
      set(
        'layers',
        Array.from({ length: 10_000 }, () => document.layers[0]),
      )(document),
    'There are ten thousand layers.',
  ],
  [
    'with a foreign layer',
    /./,
    (document: Document) =>
      set('layers', [
        {
          ...document.layers[0],
          digest: secret,
          mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
          urls: ['http://127.0.0.1:9/steal', 'file:///etc/passwd'],
        },
      ])(document),
    'A layer is to be fetched from an address that the image chooses.',
  ],
  [
    'with a layer’s digest a path',
    /digest/,
    set('layers.0.digest', 'sha256:../../../secret'),
    'A layer’s digest is a path.',
  ],
  [
    'with a layer’s size of 2^53',
    /size|bytes/,
    set('layers.0.size', 2 ** 53),
    'A layer has more bytes than a number can say.',
  ],
  [
    'with a layer that is an index',
    'harmless',
    set('layers.0.mediaType', mediaTypes.index),
    'A layer’s media type is that of an index, and its bytes are an archive.',
  ],
  [
    'with a layer encrypted',
    'harmless',
    set('layers.0.mediaType', 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted'),
    'A layer is said to be encrypted, and is not.',
  ],
  [
    'with a config’s data that does not match',
    'harmless',
    set('config.data', Buffer.from('{"os":"evil"}').toString('base64')),
    'The descriptor brings the configuration along, and it is another one.',
  ],
  [
    'with a subject',
    'harmless',
    set('subject', { mediaType: mediaTypes.manifest, digest: secret, size: 7 }),
    'The manifest is about another one, which is not there.',
  ],
  [
    'with annotations of escapes',
    'harmless',
    set('annotations', { [sequence]: sequence }),
    'Annotations clear the screen if they are shown.',
  ],
];

export const manifests = rows('manifest', list);
