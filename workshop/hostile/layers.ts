// Every hostile layer.
import type { LayerCase } from './case.ts';
import { bombs } from './layers/bombs.ts';
import { headers } from './layers/headers.ts';
import { kinds } from './layers/kinds.ts';
import { links } from './layers/links.ts';
import { names } from './layers/names.ts';
import { paths } from './layers/paths.ts';
import { records } from './layers/pax.ts';
import { streams } from './layers/streams.ts';
import { whiteouts } from './layers/whiteouts.ts';

export const layers: LayerCase[] = [
  ...[...paths, ...links, ...whiteouts, ...kinds, ...names],
  ...[...headers, ...records, ...streams, ...bombs],
];
