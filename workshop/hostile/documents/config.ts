import type { Document } from '../layout.ts';
import { nested, type Row, remove, rows, secret, sequence, set, text } from './change.ts';

const list: Row[] = [
  ['no JSON', /JSON/, text('no JSON'), 'The configuration is a text.'],
  ['null', /config/, text('null'), 'The configuration is null.'],
  ['empty object', /config/, text('{}'), 'The configuration says nothing.'],
  ['without rootfs', /rootfs|diff/, remove('rootfs'), 'The configuration names no layers.'],
  ['with another rootfs', /rootfs|type/, set('rootfs.type', 'disk'), 'The root is of an unknown type.'],
  ['with diff IDs no list', /diff/, set('rootfs.diff_ids', {}), 'The diff IDs are an object.'],
  [
    'with a diff ID a path',
    /digest/,
    set('rootfs.diff_ids', ['sha256:../../../etc']),
    'A diff ID is a path: layers apart are unpacked under its name.',
  ],
  ['with a diff ID a number', /diff|digest/, set('rootfs.diff_ids', [7]), 'A diff ID is a number.'],
  [
    'with too many diff IDs',
    /diff|layers/,
    (document: Document) => set('rootfs.diff_ids', [...document.rootfs.diff_ids, secret])(document),
    'There are more diff IDs than layers.',
  ],
  ['with another diff ID', /diff|digest/, set('rootfs.diff_ids', [secret]), 'A diff ID is another layer’s.'],
  [
    'for another platform',
    'harmless',
    set('os', 'windows'),
    'The configuration is another system’s: it can be unpacked, whatever may run it.',
  ],
  ['with os a list', /platform|config/, set('os', ['linux']), 'The system is a list.'],
  [
    'with architecture of escapes',
    'harmless',
    set('architecture', sequence),
    'The architecture clears the screen where it is shown.',
  ],
  [
    'with config null',
    /which command/,
    set('config', null),
    'There is nothing where the process should be: to others’ readers it is absent, and then no command is named.',
  ],
  ['with Env null', 'harmless', set('config.Env', null), 'As Docker writes an environment that is empty.'],
  ['with config a list', /config/, set('config', []), 'The process’s configuration is a list.'],
  ['with Env a text', /Env/, set('config.Env', 'PATH=/bin'), 'The environment is a text.'],
  [
    'with NUL in Env',
    /Env/,
    set('config.Env', ['PATH=/bin\0LD_PRELOAD=/evil.so']),
    'A variable goes on behind a NUL, where the kernel sees another.',
  ],
  ['with Env without “=”', /Env/, set('config.Env', ['PATH']), 'A variable has no value.'],
  ['with Env without a name', /Env/, set('config.Env', ['=value']), 'A variable has no name.'],
  ['with Env of escapes', /Env/, set('config.Env', [sequence]), 'A variable clears the screen when it is refused.'],
  ['with Env of C1 escapes', /Env/, set('config.Env', ['\u009b2J']), 'A variable has escapes of one byte.'],
  [
    'with Cmd an object',
    /Cmd/,
    set('config.Cmd', { 0: 'sh', length: 1 }),
    'The command is an object that looks like a list.',
  ],
  ['with Cmd of numbers', /Cmd/, set('config.Cmd', [1, 2]), 'The command’s words are numbers.'],
  ['with NUL in Cmd', /Cmd/, set('config.Cmd', ['/bin/true\0evil']), 'A word of the command goes on behind a NUL.'],
  [
    'with NUL in Entrypoint',
    /Entrypoint/,
    set('config.Entrypoint', ['/bin/true\0evil']),
    'The program’s path goes on behind a NUL.',
  ],
  ['with WorkingDir a number', /WorkingDir/, set('config.WorkingDir', 7), 'The working directory is a number.'],
  [
    'with NUL in WorkingDir',
    /WorkingDir/,
    set('config.WorkingDir', '/\0x'),
    'The working directory goes on behind a NUL.',
  ],
  ['with User an object', /User/, set('config.User', {}), 'The user is an object.'],
  ['with StopSignal a number', /StopSignal/, set('config.StopSignal', 9), 'The signal is a number.'],
  [
    'nested',
    /JSON|config/,
    text(nested(200_000, '{"config":', '}')),
    'The configuration is nested two hundred thousand times, and malformed.',
  ],
  [
    'with __proto__',
    'harmless',
    document => `{"__proto__":{"os":"evil"},${JSON.stringify(document).slice(1)}`,
    'A key is a property that JavaScript’s objects have.',
  ],
  [
    'with history no list',
    'harmless',
    set('history', 'none'),
    'The history is a text, which nobody needs for unpacking.',
  ],
  [
    'with Volumes no object',
    'harmless',
    set('config.Volumes', '/etc'),
    'The volumes are a text, which nobody needs for unpacking.',
  ],
  [
    'of 10 MB',
    /long|large|bytes/i,
    set('config.Labels', { x: 'x'.repeat(10 << 20) }),
    'The configuration has a label of ten megabytes.',
  ],
];

const version: Row[] = [
  [
    'of another version',
    /version/,
    set('imageLayoutVersion', '2.0.0'),
    'The layout is of a version that there will be.',
  ],
  ['no JSON', /JSON/, text('no JSON'), 'The layout’s version is no document.'],
  ['null', /version/, text('null'), 'The layout’s version is null.'],
  ['a list', /version/, text('[]'), 'The layout’s version is a list.'],
  [
    'of a list',
    /version/,
    set('imageLayoutVersion', ['1.0.0']),
    'The version is a list, which becomes its text when nobody looks.',
  ],
];

export const configs = [...rows('config', list), ...rows('oci-layout', version)];
