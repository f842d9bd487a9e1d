// What it may do: a cell for each capability that the kernel knows, and the three other things that stand between it and the kernel.

import { capabilities } from '../browser/capabilities.ts';
import type { PrivilegesView, Xray } from '../types.ts';
import { box, type Drawn, label, legend, margin, part } from './shapes.ts';
import { list, plural } from './words.ts';

type State = 'effective' | 'permitted' | 'bounding' | 'none';

const states: Record<State, [kind: string, words: string]> = {
  effective: ['own', 'may use it'],
  permitted: ['memory', 'may switch it on'],
  bounding: ['plain', 'a program may bring it'],
  none: ['absent', 'gone for good'],
};

export function stateOf(name: string, { capabilities: sets }: PrivilegesView): State {
  if (sets.effective.includes(name)) return 'effective';
  if (sets.permitted.includes(name)) return 'permitted';
  return sets.bounding.includes(name) || sets.inheritable.includes(name) ? 'bounding' : 'none';
}

/** In the kernel's order; what this list does not know yet, at its end. */
function namesOf({ capabilities: sets, outOf }: PrivilegesView): string[] {
  const known = Object.keys(capabilities);
  const others = [...new Set([...sets.effective, ...sets.permitted, ...sets.bounding])].filter(
    name => !known.includes(name),
  );
  return [...known.slice(0, Math.max(outOf, 1)), ...others.slice(0, 23)];
}

export function drawPrivileges({ privileges }: Xray, width: number): Drawn {
  const m = margin(width);
  const inner = width - 2 * m;
  const all = namesOf(privileges);
  const columns = Math.max(2, Math.min(5, Math.floor(inner / 149.5)));
  const [cell, step] = [inner / columns, 30];
  const rows = Math.ceil(all.length / columns);
  const { effective, bounding, ambient, inheritable } = privileges.capabilities;
  const count = `${effective.length} of ${privileges.outOf}`;
  let drawn = part(
    'capabilities:effective',
    'effective',
    `effective capabilities: ${count}: ${list(effective) || 'none'}`,
    [
      box(m, 12, inner, 40, 'container', 6),
      label('big', m + 12, 40, count, { width: 150 }),
      label('text', m + 150, 38, width < 520 ? 'capabilities' : 'capabilities: the parts of root’s power that it has', {
        width: inner - 160,
      }),
    ].join(''),
  );
  all.forEach((name, i) => {
    const [x, y] = [m + Math.floor(i / rows) * cell, 64 + (i % rows) * step];
    const state = stateOf(name, privileges);
    const [kind, words] = states[state];
    drawn += part(
      capabilities[name] ? `cap:${name}` : 'capabilities:effective',
      `cap.${name}`,
      `CAP_${name.toUpperCase()}: ${words}`,
      [
        box(x, y, cell - 6, 25, kind),
        label('code', x + 6, y + 17, name, { width: cell - 17, kind: state === 'none' ? 'dim' : '' }),
      ].join(''),
      true,
    );
  });
  let y = 64 + rows * step + 6;
  const present = new Set(all.map(name => stateOf(name, privileges)));
  const [key, keyHeight] = legend(
    m,
    y,
    inner,
    (Object.keys(states) as State[]).filter(each => present.has(each)).map(each => states[each]),
  );
  drawn += key;
  y += keyHeight + 12;
  const { mode, filters } = privileges.seccomp;
  const filter =
    mode === 'filter'
      ? `${filters === null ? 'a filter' : plural(filters, 'filter')} in force`
      : mode === 'strict'
        ? 'strict: four calls are left'
        : 'no filter';
  const facts: [string, string, string, boolean][] = [
    [
      'capabilities:bounding',
      'bounding set',
      `${bounding.length} of ${privileges.outOf}`,
      bounding.length < privileges.outOf,
    ],
    ['capabilities:ambient', 'ambient, inheritable', `${ambient.length}, ${inheritable.length}`, false],
    ['no-new-privileges', 'no_new_privs', privileges.noNewPrivileges ? 'set' : 'not set', privileges.noNewPrivileges],
    ['seccomp', 'seccomp', filter, mode !== 'none'],
    ['label', 'security label', privileges.label ?? 'none', privileges.label !== null],
  ];
  const perRow = width < 520 ? 1 : width < 700 ? 2 : 3;
  facts.forEach(([explain, title, value, good], i) => {
    const column = inner / perRow;
    // The last one is the longest: it gets what is left of its row.
    const wide = i === facts.length - 1 ? inner - (i % perRow) * column + (perRow > 1 ? 2 : 0) : column;
    const [x, top] = [m + (i % perRow) * column, y + Math.floor(i / perRow) * 54];
    drawn += part(
      explain,
      explain,
      `${title}: ${value}`,
      [
        box(x, top, wide - (perRow > 1 ? 8 : 0), 46, good ? 'own' : 'plain'),
        label('small', x + 12, top + 18, title, { width: wide - 30, kind: 'dim' }),
        label('mono', x + 12, top + 36, value, { width: wide - 30, keep: 'middle' }),
      ].join(''),
    );
  });
  y += Math.ceil(facts.length / perRow) * 54;
  return {
    title: 'What it may do',
    lesson: '14',
    body: drawn,
    height: y + 10,
    text: [
      `Effective capabilities: ${count}: ${list(effective) || 'none'}.`,
      `Permitted: ${list(privileges.capabilities.permitted) || 'none'}. Inheritable: ${list(inheritable) || 'none'}.`,
      `Bounding: ${bounding.length === privileges.outOf ? 'all' : list(bounding) || 'none'}. Ambient: ${list(ambient) || 'none'}.`,
      `no_new_privs: ${privileges.noNewPrivileges ? 'set' : 'not set'}. seccomp: ${filter}. Security label: ${privileges.label ?? 'none'}.`,
    ],
  };
}
