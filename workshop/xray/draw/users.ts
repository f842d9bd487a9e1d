// The maps of users and groups: numbers inside on the left, numbers outside on the right, and a band for each range.
import type { IdRange, Xray } from '../types.ts';
import { box, type Drawn, heading, label, margin, paragraph, part, path } from './shapes.ts';
import { number, plural } from './words.ts';

/** The number inside of a number outside; null: it has none there. */
export function insideOf(outside: number, ranges: IdRange[]): number | null {
  const found = ranges.find(range => outside >= range.outside && outside < range.outside + range.count);
  return found ? outside - found.outside + found.inside : null;
}

const span = (first: number, count: number) => (count === 1 ? String(first) : `${first} … ${first + count - 1}`);
const describe = ({ inside, outside, count }: IdRange, kind: string) =>
  `${kind} ${span(inside, count)} inside ${count === 1 ? 'is' : 'are'} ${span(outside, count)} outside`;

const shown = 10;

export function drawUsers({ users }: Xray, width: number): Drawn | null {
  if (!users) return null;
  const m = margin(width);
  const same = JSON.stringify(users.uids) === JSON.stringify(users.gids);
  const blocks: [string, string, IdRange[]][] = same
    ? [['users and groups', 'uids', users.uids]]
    : [
        ['users', 'uids', users.uids],
        ['groups', 'gids', users.gids],
      ];
  let [drawn, y] = ['', 12];
  for (const [title, id, ranges] of blocks) {
    const [svg, height] = drawMap(title, id, ranges, users.identity, m, y, width - 2 * m);
    drawn += svg;
    y += height + 18;
  }
  if (users.setgroups === 'deny') {
    drawn += part(
      'setgroups',
      'setgroups',
      'setgroups is denied: nobody inside may change the list of groups',
      [
        box(m, y, width - 2 * m, 30, 'plain'),
        label('small', m + 12, y + 19.5, 'setgroups: deny. Nobody inside may give up a group.', {
          width: width - 2 * m - 24,
        }),
      ].join(''),
    );
    y += 40;
  }
  return { title: 'Users', lesson: '09', body: drawn, height: y + 4, text: inWords(users, same) };
}

function drawMap(
  title: string,
  id: string,
  ranges: IdRange[],
  identity: boolean,
  x: number,
  y: number,
  width: number,
): [string, number] {
  const narrow = width < 620;
  const side = narrow ? (width - 44) / 2 : Math.min(250, width * 0.36);
  const right = x + width - side;
  const [step, tall] = [46, 36];
  let drawn =
    heading(x, y + 14, narrow ? 'inside' : `${title}, inside`, side) +
    heading(right, y + 14, narrow ? 'outside' : 'on this machine', side);
  if (narrow) {
    drawn += label('small', x, y + 32, title, { width, kind: 'dim' });
    y += 18;
  }
  const top = y + 28;
  const rows = ranges.slice(0, shown);
  const ordered = [...rows].sort((a, b) => a.outside - b.outside);
  const root = !identity && rows.length > 0 && insideOf(0, ranges) === null;
  const offset = root ? step : 0;
  const face = narrow ? 'code' : 'mono';
  if (root) {
    drawn += part(
      'root-outside',
      `${id}.root`,
      `${title}: 0 outside has no number inside`,
      [
        box(right, top, side, tall, 'host'),
        label(face, right + 12, top + 23, '0', { width: 30 }),
        label('small', right + side - 10, top + 22.5, narrow ? 'root: not in it' : 'the host’s root: not in it', {
          width: side - 34,
          anchor: 'end',
        }),
      ].join(''),
    );
  }
  rows.forEach((range, i) => {
    const [left, other] = [top + offset + i * step, top + offset + ordered.indexOf(range) * step];
    const [a, b] = [x + side, right];
    const middle = (a + b) / 2;
    drawn += part(
      'id-map',
      `${id}.${range.inside}`,
      describe(range, title),
      [
        path(
          [
            'M',
            a,
            left + 3,
            'C',
            middle,
            left + 3,
            middle,
            other + 3,
            b,
            other + 3,
            'V',
            other + tall - 3,
            'C',
            middle,
            other + tall - 3,
            middle,
            left + tall - 3,
            a,
            left + tall - 3,
            'Z',
          ],
          identity ? 'outside' : 'band',
        ),
        box(x, left, side, tall, identity ? 'host' : 'own'),
        box(right, other, side, tall, identity ? 'host' : 'own'),
        label(face, x + side / 2, left + 22.5, span(range.inside, range.count), { width: side - 12, anchor: 'middle' }),
        label(face, right + side / 2, other + 22.5, span(range.outside, range.count), {
          width: side - 12,
          anchor: 'middle',
        }),
      ].join(''),
    );
  });
  let bottom = top + offset + rows.length * step;
  if (ranges.length > shown || rows.length === 0) {
    const rest = ranges.slice(shown);
    const line = rows.length === 0 ? 'No map yet: everybody is nobody.' : `and ${plural(rest.length, 'more range')}`;
    drawn += part(
      'id-map',
      `${id}.more`,
      rest.map(each => describe(each, title)).join('; ') || line,
      [box(x, bottom, width, 28, 'plain'), label('small', x + 12, bottom + 18.5, line, { width: width - 24 })].join(''),
    );
    bottom += 38;
  }
  const mapped = ranges.reduce((sum, { count }) => sum + count, 0);
  const words = identity
    ? 'The machine’s own users: each number is itself.'
    : `${plural(mapped, 'number')} inside ${mapped === 1 ? 'means' : 'mean'} somebody; whoever is not in the map is nobody, 65534.`;
  const [said, end] = paragraph('small', x, bottom + 10, words, width, 'dim');
  return [drawn + said, end - y + (narrow ? 18 : 0)];
}

function inWords({ uids, gids, setgroups, identity }: NonNullable<Xray['users']>, same: boolean): string[] {
  if (identity) return ['It is in the machine’s first user namespace: every user and group is itself.'];
  const lines = same
    ? uids.map(each => describe(each, 'users and groups'))
    : [...uids.map(each => describe(each, 'users')), ...gids.map(each => describe(each, 'groups'))];
  return [
    ...(lines.length > 0 ? lines.map(line => `${line}.`) : ['No map has been written: everybody is nobody, 65534.']),
    ...(insideOf(0, uids) === null ? ['The host’s root has no number in it.'] : []),
    `setgroups: ${setgroups ?? 'not known'}. ${number(uids.length)} ranges of users, ${number(gids.length)} of groups.`,
  ];
}
