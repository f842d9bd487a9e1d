// Archives of a few entries that know each other; in one of two something is odd in an entry, or bytes are damaged.
import { beside } from '../case.ts';
import * as tar from '../tar.ts';
import { type Below, oneOf } from './random.ts';

/** Few, so that entries meet; and most of them stay inside, for the entries behind them to be tried, too. */
const inside = [
  ...'a b d d/ d/a d/d d/d/a l l/a l/ l/l l/secret l/folder ./a /a . / ü .wh.a .wh.d .wh.l d/.wh.a'.split(' '),
  ...'l/.wh.secret .wh..wh..opq d/.wh..wh..opq l/.wh..wh..opq'.split(' '),
  ...[`${beside}/secret`, 'x\ny', '\x1b[2J', 'n'.repeat(100)],
];
const outside = ['../a', '../beside/secret', 'd/../a', '..', '', 'd/.wh..', '.wh.'];
const targets = [
  '../beside',
  '../beside/secret',
  beside,
  '/',
  '..',
  '.',
  '/proc/self/root',
  '/proc/self/cwd',
  'd',
  'd/l',
  'l',
];

/** One letter each; the usual ones more often. */
const usualTypes = [...'0000122223555556'];
const types = [...usualTypes, ...'47xgLKS\0Z'];

const fields = ['mode', 'uid', 'gid', 'size', 'mtime', 'checksum', 'major', 'minor'] as const;
const numbers = [
  ...['0', '777', '0000644\0', '-1', '8', 'x', '', ' ', '77777777777', '777777777777', '1e3'],
  ...[512, 1, 4096, -1n, 2n ** 31n, 2n ** 32n, 2n ** 63n],
];
const keys = [
  ...['path', 'linkpath', 'size', 'uid', 'gid', 'mtime', 'comment', 'SCHILY.xattr.user.a'],
  ...['SCHILY.xattr.security.capability', 'GNU.sparse.map', 'GNU.sparse.size', 'GNU.sparse.major', 'GNU.sparse.minor'],
  ...['GNU.sparse.realsize', 'GNU.sparse.name', 'GNU.sparse.numblocks'],
];
const values = ['0', '1', '-1', '512', '1.5', '0,1', '0,0', '99999999999999999999', ...inside, ...outside];

const content = (below: Below) => Buffer.alloc(oneOf(below, [0, 1, 511, 512, 513, 5000]), 97 + below(26));

/** What an honest program could have written, if perhaps not in this order. */
function usual(below: Below): Buffer {
  const type = oneOf(below, usualTypes);
  const mode = oneOf(below, [0o644, 0o755, 0, 0o4755]);
  const given = { name: oneOf(below, inside), linkname: oneOf(below, type === '1' ? inside : targets), type, mode };
  const before =
    below(8) === 0 ? tar.pax({ 'SCHILY.xattr.user.a': 'a', mtime: '-1.5', path: oneOf(below, inside) }) : '';
  return Buffer.concat([Buffer.from(before), tar.entry(given, type === '0' ? content(below) : '')]);
}

function odd(below: Below): Buffer {
  switch (below(5)) {
    case 0:
      return tar.pax({ [oneOf(below, keys)]: oneOf(below, values) });
    case 1:
      return tar.gnuLong(oneOf(below, ['L', 'K']), oneOf(below, [...inside, ...outside, ...targets]));
    case 2: {
      const pieces = Array.from({ length: below(4) }, (): [number, number] => [below(2000), below(600)]);
      return tar.gnuSparse(oneOf(below, inside), pieces, below(5000), content(below));
    }
    default: {
      const type = oneOf(below, types);
      const given = { name: oneOf(below, [...inside, ...outside]), linkname: oneOf(below, targets), type };
      return tar.entry({ ...given, [oneOf(below, fields)]: oneOf(below, numbers) }, content(below));
    }
  }
}

/** Bytes here and there; and most of the time the checksums are made right again, for more than the checksum to be tried. */
function damage(bytes: Buffer, below: Below): Buffer {
  let damaged = Buffer.from(bytes);
  for (let times = below(4); times > 0 && damaged.length > 0; times--) {
    const at = below(damaged.length);
    const block = at - (at % tar.block);
    const [before, after] = [damaged.subarray(0, block), damaged.subarray(block)];
    const kind = below(6);
    if (kind === 0) damaged = damaged.subarray(0, at);
    else if (kind === 1) damaged = Buffer.concat([before, Buffer.alloc(tar.block * (1 + below(2))), after]);
    else if (kind === 2) damaged = Buffer.concat([before, after.subarray(tar.block)]);
    else damaged[at] = oneOf(below, [0, 0x20, 0x2f, 0x2e, 0x37, 0x38, 0x80, 0xff, below(256)]);
  }
  return below(4) === 0 ? damaged : tar.summed(damaged);
}

export function archive(below: Below): Buffer {
  const [isOdd, isDamaged] = [below(3) === 0, below(4) === 0];
  const parts = Array.from({ length: 1 + below(10) }, () => (isOdd && below(3) === 0 ? odd(below) : usual(below)));
  const bytes = tar.archive(...parts);
  return isDamaged ? damage(bytes, below) : bytes;
}
