// The eight namespaces: its own inside its outline, with the host's opposite; those that it shares reach over the border.
import type { NamespaceView, Xray } from '../types.ts';
import { box, type Drawn, heading, label, margin, part, path } from './shapes.ts';
import { widthOf } from './text.ts';
import { list, plural } from './words.ts';

/** What each is a view of, and which lesson makes it. */
const meanings: Record<string, string> = {
  ...{ mnt: 'mounts', uts: 'host name', ipc: 'shared memory', net: 'network', pid: 'process numbers' },
  ...{ cgroup: 'root of the cgroups', user: 'users, privileges', time: 'uptime' },
};

export function drawNamespaces({ namespaces, name }: Xray, width: number): Drawn {
  const m = margin(width);
  const inner = width - 2 * m;
  const narrow = width < 680;
  const pad = narrow ? 8 : 14;
  const gap = narrow ? 20 : 56;
  const rowHeight = narrow ? 46 : 36;
  const [top, step] = [62, rowHeight + 8];
  const half = (inner - 4 * pad - gap) / 2;
  const [hostX, ownX] = [m + pad, m + inner - pad - half];
  const height = top + namespaces.length * step + 6;
  const frames = [
    box(m, 12, half + 2 * pad, height - 12, 'outside', 8),
    box(ownX - pad, 12, half + 2 * pad, height - 12, 'container', 8),
    heading(hostX, 38, 'the host', half),
    heading(ownX, 38, name ?? 'the process', half),
  ].join('');

  const rows = namespaces.map((each, i) => {
    const y = top + i * step;
    const own = each.own;
    const content = own
      ? [
          cell(ownX, y, half, rowHeight, 'own', each.kind, String(each.inode), narrow),
          cell(
            hostX,
            y,
            half,
            rowHeight,
            each.host === null ? 'absent' : 'host',
            each.kind,
            each.host === null ? 'not readable' : String(each.host),
            narrow,
          ),
          path(['M', hostX + half + pad + 4, y + rowHeight / 2, 'h', gap - 8], 'absent'),
          box(hostX, y, ownX + half - hostX, rowHeight, 'clear'),
        ]
      : [cell(hostX, y, ownX + half - hostX, rowHeight, 'host', each.kind, String(each.inode), narrow, true)];
    return part(`namespace:${each.kind}`, `ns.${each.kind}`, describe(each), content.join(''));
  });
  const [own, shared] = [namespaces.filter(each => each.own), namespaces.filter(each => !each.own)];
  return {
    title: 'Namespaces',
    lesson: own.length === 0 ? null : '03',
    body: frames + rows.join(''),
    height: height + 14,
    text: [
      own.length > 0 ? `Its own: ${list(own.map(({ kind }) => kind))}.` : 'It has no namespace of its own.',
      shared.length > 0
        ? `Shared with the host: ${list(shared.map(({ kind }) => kind))}.`
        : 'It shares none with the host.',
      ...namespaces.map(each => `${describe(each)}.`),
    ],
  };
}

function cell(
  x: number,
  y: number,
  width: number,
  height: number,
  kind: string,
  name: string,
  inode: string,
  narrow: boolean,
  shared = false,
): string {
  const meaning = meanings[name] ?? '';
  const number =
    narrow && !shared
      ? label('code', x + 10, y + height - 9, inode, { width: width - 16 })
      : label('code', x + width - 12, y + height / 2 + 4.5, inode, { width: 110, anchor: 'end' });
  const head = narrow && !shared ? y + 18 : y + height / 2 + 5;
  // Half a word says less than none.
  const whole = (from: number, said: string) =>
    widthOf(said, 'small') <= x + width - 10 - (narrow && !shared ? 0 : 84) - from
      ? label('small', from, head, said, { width: 400, kind: 'dim' })
      : '';
  const long = whole(x + 74, shared ? `${meaning}: one for both` : meaning);
  const words = long || whole(x + 74, shared ? 'shared' : '');
  return box(x, y, width, height, kind, 6) + label('strong', x + 10, head, name, { width: 60 }) + words + number;
}

function describe({ kind, inode, host, own, members }: NamespaceView): string {
  const whose = own
    ? `its own, ${inode}; the host’s ${host === null ? 'may not be read' : `is ${host}`}`
    : `shared with the host, ${inode}`;
  return `${kind}, ${meanings[kind] ?? 'a view'}: ${whose}; ${plural(members, 'process', 'processes')} in it`;
}
