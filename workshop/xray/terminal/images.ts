// The images of a store, and the layers that they share.
import chalk from 'chalk';
import { columns, wrap } from '../../terminal/text.ts';
import { bytes, plural } from '../draw/words.ts';
import type { ImagesView } from '../types.ts';
import { cut, shown } from './words.ts';

export function showImages({ images, layers }: ImagesView, width = columns()): string {
  if (images.length === 0) return 'No images.';
  const sizeOf = (digest: string) => layers[digest]?.bytes ?? 0;
  const sum = (digests: string[]) => digests.reduce((total, digest) => total + sizeOf(digest), 0);
  const lines = images.flatMap(({ name, layers: own }) => [
    `${chalk.bold(cut(shown(name), width))}  ${chalk.dim(`${plural(own.length, 'layer')}, ${bytes(sum(own))}`)}`,
    ...own.map(digest => {
      const users = layers[digest]?.usedBy ?? 1;
      const shared = users > 1 ? chalk.green(`shared by ${users}`) : chalk.dim('its own');
      return `  ${digest.replace(/^\w+:/, '').slice(0, 12)}  ${bytes(sizeOf(digest)).padStart(9)}  ${shared}`;
    }),
  ]);
  const apart = images.reduce((total, { layers: own }) => total + sum([...new Set(own)]), 0);
  const together = sum(Object.keys(layers));
  const last = `${bytes(together)} of layers; without sharing it would be ${bytes(apart)}.`;
  return [...lines, '', ...wrap(last, width)].join('\n');
}
