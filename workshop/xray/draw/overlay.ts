// An overlay: what the process sees on top, under it the layers, upper first; some files, each with a line down to the layer where it lies.
import type { LayerView, OverlayFile, OverlayView, Xray } from '../types.ts';
import { box, type Drawn, label, margin, part, path } from './shapes.ts';
import { widthOf } from './text.ts';
import { baseOf, bytes, list, number, plural } from './words.ts';

const verbs: Record<OverlayFile['kind'], string> = {
  new: 'new',
  changed: 'changed: copied up from below',
  whiteout: 'removed: a whiteout covers it',
  opaque: 'a folder made anew, which hides the one below',
  lower: 'as it is below',
};
const layerName = (layers: LayerView[], i: number) =>
  layers[i]?.kind === 'upper' ? 'upper' : layers.length === 2 && i === 1 ? 'lower' : `lower ${layers.length - i}`;
const sizeOf = ({ entries, bytes: size }: LayerView) => {
  if (entries === null) return 'may not be looked into';
  const count = entries >= 10_000 ? '10000+ entries' : plural(entries, 'entry', 'entries');
  return size === null ? count : `${count}, ${bytes(size)}`;
};

/** The files that are drawn: of each kind some, changes first. */
export function picked(files: OverlayFile[], most: number): OverlayFile[] {
  const kinds: OverlayFile['kind'][] = ['changed', 'whiteout', 'new', 'opaque', 'lower'];
  const queues = kinds.map(kind =>
    files.filter(each => each.kind === kind).sort((a, b) => a.path.length - b.path.length),
  );
  const chosen: OverlayFile[] = [];
  for (let _round = 0; chosen.length < most && queues.some(queue => queue.length > 0); _round++) {
    for (const queue of queues) {
      const next = queue.shift();
      if (next && chosen.length < most) chosen.push(next);
    }
  }
  return chosen.sort((a, b) => a.layer - b.layer || a.path.length - b.path.length);
}

/** Bands of the drawing, by layer; several without a file that is drawn become one. */
export function bandsOf(layers: LayerView[], files: OverlayFile[]): number[][] {
  const seen = new Set(files.map(({ layer }) => layer));
  const bands: number[][] = [];
  layers.forEach((layer, i) => {
    const last = bands.at(-1);
    const quiet = layers.length > 7 && layer.kind === 'lower' && !seen.has(i) && i < layers.length - 1;
    if (quiet && last?.every(each => layers[each]?.kind === 'lower' && !seen.has(each))) last.push(i);
    else bands.push([i]);
  });
  return bands;
}

const shown = 3;

export function drawOverlays({ overlays }: Xray, width: number): Drawn | null {
  if (overlays.length === 0) return null;
  let [body, y] = ['', 12];
  for (const each of overlays.slice(0, shown)) {
    const [svg, height] = drawOverlay(each, y, width);
    body += svg;
    y += height + 22;
  }
  if (overlays.length > shown) {
    const m = margin(width);
    const rest = overlays.slice(shown).map(each => each.path);
    body += part(
      'overlay',
      'overlay.more',
      `${plural(rest.length, 'more overlay')}: ${list(rest)}`,
      box(m, y - 8, width - 2 * m, 28, 'plain') +
        label('small', m + 12, y + 10.5, `and ${plural(rest.length, 'more overlay')}`, { width: width - 2 * m - 24 }),
    );
    y += 36;
  }
  return { title: 'Layers', lesson: '04', body, height: y, text: overlays.flatMap(inWords) };
}

function drawOverlay(overlay: OverlayView, top: number, width: number): [string, number] {
  const { layers, path: at } = overlay;
  const [m, narrow] = [margin(width), width < 560];
  const [x, wide] = [m, width - 2 * m];
  const columnsX = narrow ? x + 6 : x + 196;
  const count = Math.max(1, Math.min(overlay.files.length, Math.floor((x + wide - columnsX) / (narrow ? 98 : 110))));
  const files = picked(overlay.files, count);
  const column = (x + wide - columnsX - 4) / count;
  const headTall = narrow ? 46 : 0;
  const tall = (narrow ? 40 : 54) + headTall;
  const middle = (y: number) => y + headTall + (tall - headTall) / 2 - (narrow ? 4 : 0);
  const id = `overlay.${overlay.mount}`;

  /** Lines to lower layers pass behind it. */
  const head = (y: number, fill: string, title: string, second: string, third: string) =>
    narrow
      ? box(x + 3, y + 5, wide - (third === '…' ? 12 : 6), 38, `${fill} strip`, 0) +
        label('strong', x + 12, y + 20, title, { width: wide * 0.4 }) +
        label('small', x + wide - 12, y + 20, second, { width: wide * 0.52, anchor: 'end', kind: 'dim' }) +
        label('code', x + 12, y + 38, third, { width: wide - 24, keep: 'middle', kind: 'dim' })
      : label('strong', x + 12, y + 20, title, { width: 170 }) +
        label('small', x + 12, y + 36, second, { width: 176, kind: 'dim' }) +
        label('code', x + 12, y + 50, third, { width: 176, keep: 'middle', kind: 'dim' });

  const high = (full: boolean) => (!narrow ? 58 : full ? tall : headTall + 2);
  const first = high(files.length > 0);
  let drawn = part(
    'merged',
    `${id}.merged`,
    `what the process sees at ${at}`,
    box(x, top, wide, first, 'container', 8),
  );
  let heads = head(top, 'container', at === '/' ? 'its root' : baseOf(at), 'what it sees', at);
  const places = new Map<number, number>();
  let y = top + first + 14;
  for (const band of bandsOf(layers, files)) {
    const [index, several] = [band[0] ?? 0, band.length > 1];
    const layer = layers[index];
    if (!layer) continue;
    for (const i of band) places.set(i, y);
    const height = high(band.some(i => files.some(file => file.layer === i)));
    const fill = layer.kind === 'upper' ? 'world' : 'plain';
    const words = band
      .map(i => `${layerName(layers, i)}: ${sizeOf(layers[i] ?? layer)}, ${layers[i]?.path}`)
      .join('; ');
    const stack = several ? box(x + 6, y + 5, wide - 6, height, 'plain', 8) : '';
    drawn += part(layer.kind, `${id}.${index}`, words, stack + box(x, y, wide - (several ? 6 : 0), height, fill, 8));
    heads += several
      ? head(y, fill, plural(band.length, 'layer'), 'nothing shown is in them', '…')
      : head(y, fill, layerName(layers, index), sizeOf(layer), layer.path);
    y += height + (several ? 15 : 10);
  }
  const drawnFiles = files.map((file, i) => {
    const lies = middle(places.get(file.layer) ?? top);
    const place = [columnsX + i * column, column - 8, middle(top), lies] as const;
    return drawFile(file, ...place, `${id}.${file.path}`, layerName(layers, file.layer));
  });
  drawn += drawnFiles.map(([line]) => line).join('');
  drawn += `<g class="through">${heads}</g>${drawnFiles.map(([, boxes]) => boxes).join('')}`;
  const words = counts(overlay);
  if (words) drawn += label('small', x, y + 12, words, { width: wide, kind: 'dim' });
  return [drawn, y - top + (words ? 16 : 0)];
}

/** Above what is seen, below where it lies. */
function drawFile(
  file: OverlayFile,
  x: number,
  width: number,
  seen: number,
  lies: number,
  id: string,
  layer: string,
): [line: string, boxes: string] {
  const gone = file.kind === 'whiteout';
  const center = x + width / 2;
  const name = widthOf(`${gone ? 'no ' : ''}${file.path}`, 'code') <= width - 12 ? file.path : baseOf(file.path);
  const box1 = gone
    ? label('code', center, seen + 4.5, `no ${name}`, {
        width: width - 8,
        anchor: 'middle',
        keep: 'middle',
        kind: 'bad',
      })
    : box(x, seen - 15, width, 30, 'file', 6) +
      label('code', center, seen + 4.5, name, { width: width - 10, anchor: 'middle', keep: 'middle' });
  const line = gone
    ? path(['M', center, seen + 15, 'V', lies - 21, 'm', -10, 0, 'h', 20], 'stop')
    : path(['M', center, seen + 15, 'V', lies - 15], 'curve');
  const word = { whiteout: 'whiteout', opaque: 'opaque', changed: 'changed', new: 'new', lower: name }[file.kind];
  const box2 =
    box(x, lies - 15, width, 30, gone ? 'gone' : file.kind === 'opaque' ? 'mask' : 'file', 6) +
    label('code', center, lies + 4.5, word, {
      width: width - 10,
      anchor: 'middle',
      keep: 'middle',
      kind: gone ? 'bad' : '',
    });
  return [line, part(`file:${file.kind}`, id, `${file.path}: ${verbs[file.kind]}, in ${layer}`, box2 + box1)];
}

function counts({ files, more }: OverlayView): string {
  const of = (kind: OverlayFile['kind']) => files.filter(each => each.kind === kind).length;
  const words = [
    ...(['new', 'changed'] as const).map(kind => (of(kind) > 0 ? `${number(of(kind))} ${kind}` : '')),
    of('whiteout') > 0 ? `${number(of('whiteout'))} removed` : '',
    of('opaque') > 0 ? `${number(of('opaque'))} opaque` : '',
    more > 0 ? `${number(more)} more not listed` : '',
  ].filter(Boolean);
  return words.join(', ');
}

function inWords(overlay: OverlayView): string[] {
  const { path: at, layers, files, more } = overlay;
  return [
    `The overlay on ${at} has ${plural(layers.length, 'layer')}, from the top:`,
    ...layers.map((layer, i) => `  ${layerName(layers, i)}: ${sizeOf(layer)}; ${layer.path}.`),
    ...files.map(file => `  ${file.path}: ${verbs[file.kind]}, in ${layerName(layers, file.layer)}.`),
    ...(more > 0 ? [`  and ${plural(more, 'more file')}.`] : []),
  ];
}
