// Images of a store and the layers that they share: a row for each image, a column for each layer that more than one of them has.
import type { ImagesView } from '../types.ts';
import { box, type Drawn, dot, label, margin, part, path } from './shapes.ts';
import { bytes, list, number, plural } from './words.ts';

/** By digest, those of more than one image, most used first. */
export function shared({ images, layers }: ImagesView): string[] {
  const order = [...new Set(images.flatMap(each => each.layers))];
  const users = new Map(order.map(digest => [digest, images.filter(image => image.layers.includes(digest)).length]));
  return order
    .filter(digest => (users.get(digest) ?? 0) > 1)
    .sort((a, b) => (users.get(b) ?? 0) - (users.get(a) ?? 0) || (layers[b]?.bytes ?? 0) - (layers[a]?.bytes ?? 0));
}

const short = (digest: string) => digest.replace(/^sha256:/, '').slice(0, 12);
const shownImages = 14;

export function drawImages(view: ImagesView | undefined, width: number): Drawn | null {
  if (!view || view.images.length === 0) return null;
  const { images, layers } = view;
  const sizeOf = (digests: string[]) => digests.reduce((sum, digest) => sum + (layers[digest]?.bytes ?? 0), 0);
  const m = margin(width);
  const inner = width - 2 * m;
  const narrow = width < 560;
  const [nameWidth, restWidth] = narrow ? [0, 92] : [260, 140];
  const every = shared(view);
  const room = inner - nameWidth - restWidth - 10;
  const cell = Math.max(narrow ? 40 : 56, Math.min(84, Math.floor(room / Math.max(every.length, 1))));
  const columns = every.slice(0, Math.floor(room / cell));
  const x = m + nameWidth;
  const right = Math.min(x + columns.length * cell + 10, m + inner - restWidth);
  const step = narrow ? 58 : 38;
  const headTop = 14;
  const first = headTop + 46;
  const rows = images.slice(0, shownImages);
  let drawn =
    columns.length > 0 ? '' : label('small', x, headTop + 24, 'no layer is shared', { width: right - x, kind: 'dim' });
  drawn += label('small', right + 8, headTop + 24, 'of its own', { width: restWidth - 10, kind: 'dim' });
  const yOf = (row: number) => first + row * step + (narrow ? 22 : 0);
  columns.forEach((digest, i) => {
    const left = x + i * cell;
    const users = rows.flatMap((image, row) => (image.layers.includes(digest) ? [row] : []));
    if (!narrow) drawn += path(['M', left + cell / 2 - 2, headTop + 34, 'V', yOf(users.at(-1) ?? 0) + 4], 'line');
    const names = images.filter(image => image.layers.includes(digest)).map(({ name }) => name);
    const head =
      label('code', left + (cell - 4) / 2, headTop + 13, short(digest), { width: cell - 8, anchor: 'middle' }) +
      label('small', left + (cell - 4) / 2, headTop + 28, bytes(layers[digest]?.bytes ?? 0), {
        width: cell - 6,
        anchor: 'middle',
      });
    drawn += part(
      'layer:shared',
      `layer.${digest}`,
      `${digest}, ${bytes(layers[digest]?.bytes ?? 0)}: in ${list(names)}, stored once`,
      box(left, headTop - 4, cell - 4, 40, 'own') + head,
    );
  });
  rows.forEach(({ name, layers: digests }, row) => {
    const y = yOf(row);
    const own = digests.filter(digest => !every.includes(digest));
    const others = digests.filter(digest => every.includes(digest) && !columns.includes(digest));
    const words = `${name}: ${plural(digests.length, 'layer')}, ${bytes(sizeOf(digests))}; ${own.length} of its own, ${digests.length - own.length} shared`;
    const title = narrow
      ? label('mono', m + 2, y - 6, name, { width: inner - 8, keep: 'middle' })
      : label('mono', m + 8, y + 19, name, { width: nameWidth - 16, keep: 'middle' });
    drawn += part(
      'image',
      `image.${row}`,
      words,
      box(m, y - (narrow ? 20 : 0), narrow ? inner : nameWidth - 6, narrow ? 18 : 28, 'clear') + title,
    );
    columns.forEach((digest, i) => {
      drawn += digests.includes(digest)
        ? box(x + i * cell, y, cell - 4, 28, 'own')
        : dot(x + i * cell + cell / 2 - 2, y + 14, 'dot', 3);
    });
    const more = others.length > 0 ? ` + ${others.length}` : '';
    const rest = own.length === 0 ? `none${more}` : `${number(own.length)}: ${bytes(sizeOf(own))}${more}`;
    drawn += part(
      'layer:own',
      `own.${row}`,
      `${name}, layers of its own: ${list(own.map(short)) || 'none'}, ${bytes(sizeOf(own))}${others.length > 0 ? `; shared and not drawn: ${list(others.map(short))}` : ''}`,
      box(right, y, restWidth, 28, own.length > 0 ? 'world' : 'absent') +
        label('small', right + 8, y + 18.5, rest, { width: restWidth - 14 }),
      true,
    );
  });
  let y = yOf(rows.length) - (narrow ? 14 : 0);
  const stored = sizeOf([...new Set(images.flatMap(each => each.layers))]);
  const apart = images.reduce((sum, each) => sum + sizeOf(each.layers), 0);
  const saved = `${bytes(stored)} stored instead of ${bytes(apart)}`;
  if (images.length > shownImages) {
    const rest = images.slice(shownImages).map(({ name }) => name);
    drawn += part(
      'image',
      'image.more',
      list(rest),
      box(m, y, inner, 26, 'plain') +
        label('small', m + 10, y + 17.5, `and ${plural(rest.length, 'more image')}`, { width: inner - 20 }),
    );
    y += 34;
  }
  drawn += label('text', m + 2, y + 18, saved, { width: inner - 4 });
  return {
    title: 'Images and their layers',
    lesson: '15',
    body: drawn,
    height: y + 32,
    text: [
      `${plural(images.length, 'image')}: ${saved}.`,
      ...images.map(
        ({ name, layers: digests }) =>
          `${name}: ${digests.map(digest => `${short(digest)} (${bytes(layers[digest]?.bytes ?? 0)}${every.includes(digest) ? ', shared' : ''})`).join(', ')}.`,
      ),
    ],
  };
}
