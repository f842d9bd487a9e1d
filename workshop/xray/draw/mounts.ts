// The tree of mounts, a row each, coloured by what it is there for. Many masks or devices in one place are folded into one row; in words
// each is there.
import type { MountView, Xray } from '../types.ts';
import { box, type Drawn, label, legend, margin, part, path } from './shapes.ts';
import { widthOf } from './text.ts';
import { list, number, plural } from './words.ts';

const kinds: Record<MountView['role'], [kind: string, words: string]> = {
  root: ['own', 'its root'],
  kernel: ['world', 'the kernel’s files'],
  memory: ['memory', 'in memory'],
  bind: ['host', 'shown from elsewhere'],
  mask: ['mask', 'covers something'],
  device: ['device', 'a device'],
  other: ['plain', 'other'],
};

/** A row: one mount, or several leaves of a folder that are alike. */
export interface Row {
  mounts: MountView[];
  depth: number;
  /** Index of the row that it hangs on. */
  parent: number;
  parentPath: string;
}

/** Rows that the drawing has at most; what is beyond is one row for each folder. */
const most = 48;

/** Depth first. Leaves that are alike are folded: masks and devices from the third on, others from the seventh. */
export function rowsOf(root: MountView): Row[] {
  const rows: Row[] = [];
  const visit = (mount: MountView, depth: number, parent: number, parentPath: string) => {
    const index = rows.push({ mounts: [mount], depth, parent, parentPath }) - 1;
    const groups = Map.groupBy(mount.children, child => (child.children.length > 0 ? `${child.id}` : child.role));
    for (const group of groups.values()) {
      const role = group[0]?.role;
      const limit = role === 'mask' || role === 'device' ? 2 : 6;
      const together = group.length > limit || rows.length >= most ? [group] : group.map(each => [each]);
      for (const each of together) {
        const first = each[0];
        if (!first) continue;
        if (each.length === 1 && rows.length < most) visit(first, depth + 1, index, mount.path);
        else if (rows.length < most)
          rows.push({ mounts: each, depth: depth + 1, parent: index, parentPath: mount.path });
        else fold(rows, each, depth + 1, index, mount.path);
      }
    }
  };
  visit(root, 0, -1, '');
  return rows;
}

/** With all that hangs on them, into the last row. */
function fold(rows: Row[], mounts: MountView[], depth: number, parent: number, parentPath: string): void {
  const all = mounts.flatMap(flat);
  const last = rows.at(-1);
  if (last && last.mounts.length > 1 && rows.length > most) last.mounts.push(...all);
  else rows.push({ mounts: all, depth: Math.min(depth, last?.depth ?? depth), parent, parentPath });
}

export const flat = (mount: MountView): MountView[] => [mount, ...mount.children.flatMap(flat)];

const flagsOf = ({ options, superOptions }: MountView): string[] => {
  const shown = ['ro', 'nosuid', 'nodev', 'noexec'].filter(flag => options.includes(flag));
  return !options.includes('ro') && superOptions.includes('ro') ? ['ro', ...shown] : shown;
};

const propagationOf = ({ propagation }: MountView) => (propagation.length > 0 ? propagation.join(' ') : 'private');

export function describe(mount: MountView): string {
  const part = mount.root === '/' ? '' : `, showing ${mount.root} of it`;
  const flags = flagsOf(mount).join(', ') || 'rw';
  return `${mount.path}: ${mount.type} from ${mount.source}${part}; ${kinds[mount.role][1]}; ${flags}; ${propagationOf(mount)}`;
}

export function drawMounts({ mounts }: Xray, width: number): Drawn | null {
  if (!mounts) return null;
  const m = margin(width);
  const narrow = width < 600;
  const [tall, gap] = [narrow ? 44 : 28, 6];
  const rows = rowsOf(mounts);
  const right = width - m;
  const indent = (depth: number) => m + Math.min(depth, narrow ? 4 : 6) * (narrow ? 14 : 22);
  const tops: number[] = [];
  let y = 14;
  let [branches, drawn] = ['', ''];
  for (const row of rows) {
    tops.push(y);
    const [x, first] = [indent(row.depth), row.mounts[0]];
    if (!first) continue;
    const parent = rows[row.parent];
    if (parent && indent(row.depth) > indent(parent.depth)) {
      const stem = indent(parent.depth) + (narrow ? 7 : 11);
      branches += path(['M', stem, (tops[row.parent] ?? 0) + tall, 'V', y + tall / 2, 'H', x], 'line');
    }
    drawn +=
      row.mounts.length === 1 ? one(first, row, x, y, right, narrow, tall) : many(row, x, y, right, narrow, tall);
    y += tall + gap;
  }
  const used = new Set(rows.flatMap(row => row.mounts.map(({ role }) => role)));
  const entries = Object.entries(kinds).filter(([role]) => used.has(role as MountView['role']));
  const [key, keyHeight] = legend(
    m,
    y + 10,
    right - m,
    entries.map(([, each]) => each),
  );
  const all = flat(mounts);
  return {
    title: 'Mounts',
    lesson: '03',
    body: branches + drawn + key,
    height: y + 10 + keyHeight + 10,
    text: [`${plural(all.length, 'mount')}.`, ...all.map(each => `${describe(each)}.`)],
  };
}

function one(
  mount: MountView,
  { depth, parentPath }: Row,
  x: number,
  y: number,
  right: number,
  narrow: boolean,
  tall: number,
): string {
  const below =
    parentPath !== '/' && parentPath && mount.path.startsWith(`${parentPath}/`)
      ? mount.path.slice(parentPath.length)
      : mount.path;
  const name = mount.path === parentPath ? 'again, on top' : depth > 0 ? below : mount.path;
  const flags = flagsOf(mount).join(' ');
  const spread = mount.propagation.length > 0 ? mount.propagation.join(' ') : '';
  const from =
    mount.source === mount.type || mount.source === 'none' ? '' : mount.root === '/' ? mount.source : mount.root;
  const type = from ? `${mount.type} · ${from}` : mount.type;
  const notes = [flags, spread].filter(Boolean).join(' · ');
  const room = right - x - 20;
  const middle = right * 0.42;
  const texts = narrow
    ? [
        label('mono', x + 10, y + 18, name, { width: room, keep: 'middle' }),
        label('code', x + 10, y + 35, [mount.type, notes].filter(Boolean).join(' · '), { width: room, kind: 'dim' }),
      ]
    : [
        label('mono', x + 10, y + 18.5, name, { width: middle - x - 20, keep: 'middle' }),
        label('code', middle, y + 18.5, type, { width: right - 196 - middle, keep: 'middle' }),
        label('code', right - 10, y + 18.5, notes, { width: 176, anchor: 'end', kind: 'dim' }),
      ];
  const [kind] = kinds[mount.role];
  return part(
    `mount:${mount.role}`,
    `mount.${mount.id}`,
    describe(mount),
    box(x, y, right - x, tall, kind) + texts.join(''),
    depth > 1,
  );
}

const names: Partial<Record<MountView['role'], string>> = {
  mask: 'masks',
  device: 'devices',
  bind: 'shown from elsewhere',
  memory: 'in memory',
  kernel: 'of the kernel’s',
};

function many({ mounts }: Row, x: number, y: number, right: number, narrow: boolean, tall: number): string {
  const role = mounts.every(each => each.role === mounts[0]?.role) ? (mounts[0]?.role ?? 'other') : 'other';
  const title = `${number(mounts.length)} ${names[role] ?? 'more'}`;
  const [kind] = kinds[role];
  const paths = mounts.map(each => each.path);
  const headWidth = widthOf(title, 'strong') + 14;
  const words = `${title}: ${list(mounts.length > 60 ? [...paths.slice(0, 60), `${paths.length - 60} more`] : paths)}`;
  const inside = narrow
    ? label('strong', x + 10, y + 18, title, { width: right - x - 30 }) +
      label('code', x + 10, y + 35, paths.join('  '), { width: right - x - 26 })
    : label('strong', x + 10, y + 19, title, { width: right - x - 30 }) +
      label('code', x + 10 + headWidth, y + 18.5, paths.join('  '), { width: right - x - 34 - headWidth });
  return part(
    `mount:${role}`,
    `mounts.${mounts[0]?.id}`,
    words,
    box(x + 6, y + 4, right - x - 6, tall, kind) + box(x, y, right - x - 6, tall, kind) + inside,
  );
}
