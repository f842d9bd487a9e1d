// What it sees of files: the tree of mounts, and the layers of its overlays.
import chalk, { type ChalkInstance } from 'chalk';
import { cells, padTo, spread } from '../../terminal/text.ts';
import { bytes, plural } from '../draw/words.ts';
import type { MountView, OverlayFile, OverlayView, Xray } from '../types.ts';
import { cut, cutMiddle, row, type Section, shown } from './words.ts';

/** More are counted, and not shown. */
const [mostMounts, mostFiles, mostLayers] = [80, 20, 12];

const colors: Record<MountView['role'], ChalkInstance> = {
  ...{ root: chalk.bold, kernel: chalk.blue, memory: chalk.green, bind: chalk.magenta },
  ...{ mask: chalk.red, device: chalk.yellow, other: chalk.reset },
};

export function mountsSection({ mounts }: Xray, width: number): Section {
  if (!mounts) return { title: 'Mounts', lines: [] };
  const lines: string[] = [];
  let total = 0;
  const walk = (mount: MountView, prefix: string, branch: string) => {
    total++;
    if (lines.length < mostMounts) lines.push(mountLine(mount, prefix + branch, width));
    const deeper = prefix + (branch === '' ? '' : branch === '├ ' ? '│ ' : '  ');
    const last = mount.children.length - 1;
    for (const [i, child] of mount.children.entries()) walk(child, deeper, i === last ? '└ ' : '├ ');
  };
  walk(mounts, '', '');
  if (total > lines.length) lines.push(chalk.dim(`  and ${total - lines.length} more`));
  return { title: `Mounts: ${total}`, lesson: '03', lines };
}

function mountLine(mount: MountView, prefix: string, width: number): string {
  const { path, type, source, root, options, propagation, role } = mount;
  const from = role === 'bind' || role === 'device' ? `${shown(root)} of ${shown(type)}` : shown(type);
  const plain = source === type || source === 'none' || source === '' || role === 'mask' ? '' : ` ${shown(source)}`;
  const notes = [options.includes('ro') ? 'ro' : '', role === 'mask' ? 'mask' : '', ...propagation]
    .filter(Boolean)
    .join(' ');
  const tree = chalk.dim(cut(prefix, Math.floor(width / 3)));
  const room = width - 2 - cells(tree);
  const left = cutMiddle(shown(path), Math.max(room - 12, 10));
  const rest = room - cells(left) - 2;
  const right = rest < 8 ? '' : `${cut(`${from}${plain}`, rest - notes.length - 1)} ${notes}`.trim();
  return `  ${tree}${spread(colors[role](left), chalk.dim(right), room)}`.trimEnd();
}

export function overlaySections({ overlays }: Xray, width: number): Section[] {
  return overlays.slice(0, 4).map(overlay => ({
    title: cut(`Overlay at ${shown(overlay.path)}`, width - 14),
    lesson: '04',
    lines: [...layerLines(overlay, width), ...fileLines(overlay, width)],
  }));
}

function layerLines({ layers }: OverlayView, width: number): string[] {
  const lines = layers.slice(0, mostLayers).map(({ path, kind, entries, bytes: size }, i) => {
    const much =
      entries === null
        ? 'not seen from here'
        : `${plural(entries, 'entry', 'entries')}${size === null ? ' or more' : `, ${bytes(size)}`}`;
    const name = `  ${String(i).padStart(2)} ${kind === 'upper' ? chalk.green('upper') : 'lower'} `;
    const room = width - cells(name) - much.length - 2;
    if (room < 16) return `${name}${much}`;
    return name + spread(cutMiddle(shown(path), room), chalk.dim(much), width - cells(name));
  });
  return layers.length > mostLayers
    ? [...lines, chalk.dim(`     and ${layers.length - mostLayers} more below`)]
    : lines;
}

const marks: Record<OverlayFile['kind'], string> = {
  ...{ new: chalk.green('+ new'), changed: chalk.cyan('~ changed'), whiteout: chalk.red('- removed') },
  ...{ opaque: chalk.red('= replaced'), lower: chalk.dim('  as it was') },
};

function fileLines({ files, more }: OverlayView, width: number): string[] {
  const changed = files.filter(({ kind }) => kind !== 'lower');
  const shownFiles = [...changed.slice(0, mostFiles), ...files.filter(({ kind }) => kind === 'lower')];
  const lines = shownFiles.map(({ path, layer, kind }) => {
    const right = `layer ${layer}`;
    return `  ${padTo(marks[kind], 13)}${spread(cutMiddle(shown(path), width - 25), chalk.dim(right), width - 15)}`;
  });
  const left = changed.length - Math.min(changed.length, mostFiles) + more;
  return [...lines, ...(left > 0 ? row('', chalk.dim(`and ${plural(left, 'more file')}`), width, 13) : [])];
}
