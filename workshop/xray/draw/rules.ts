// The host's rules that packets of this network meet, a row each, with what they have counted.
import type { NetworkView } from '../types.ts';
import { box, label, part } from './shapes.ts';
import { bytes, number, plural } from './words.ts';

const shown = 10;

const explain = (text: string) =>
  /masquerade|snat/i.test(text) ? 'rule:masquerade' : /dnat|redirect/i.test(text) ? 'rule:dnat' : 'rule:other';

/** Returns also the height. */
export function drawRules({ rules, rulesUnread }: NetworkView, x: number, y: number, width: number): [string, number] {
  const narrow = width < 640;
  const tall = narrow ? 42 : 26;
  let [drawn, top] = ['', y];
  if (rules.length > 0 || rulesUnread) {
    drawn += label('small', x, top + 12, 'rules that its packets meet', { width, kind: 'dim' });
    top += 20;
  }
  if (rulesUnread) {
    const words = `could not be read: ${rulesUnread}`;
    drawn += part(
      'rule:other',
      'rules.unread',
      words,
      box(x, top, width, 26, 'plain') + label('small', x + 10, top + 17.5, words, { width: width - 20 }),
    );
    top += 32;
  }
  rules.slice(0, shown).forEach(({ table, chain, text, packets, bytes: size }, i) => {
    const counted = packets === null ? 'not counted' : `${plural(packets, 'packet')}, ${bytes(size ?? 0)}`;
    const inside = narrow
      ? label('small', x + 10, top + 16, chain, { width: width * 0.45 - 10 }) +
        label('small', x + width - 10, top + 16, counted, { width: width * 0.55 - 14, anchor: 'end', kind: 'dim' }) +
        label('code', x + 10, top + 33, text, { width: width - 20 })
      : label('small', x + 10, top + 17.5, chain, { width: 106 }) +
        label('code', x + 122, top + 17.5, text, { width: width - 290 }) +
        label('small', x + width - 10, top + 17.5, counted, { width: 150, anchor: 'end', kind: 'dim' });
    drawn += part(
      explain(text),
      `rule.${i}`,
      `${table}, ${chain}: ${text}; ${counted}`,
      box(x, top, width, tall, 'host') + inside,
      i > 2,
    );
    top += tall + 5;
  });
  if (rules.length > shown) {
    const rest = rules.slice(shown);
    const words = `${number(rest.length)} more: ${rest.map(({ chain, text }) => `${chain}: ${text}`).join('; ')}`;
    drawn += part(
      'rule:other',
      'rules.more',
      words,
      box(x, top, width, 26, 'host') +
        label('small', x + 10, top + 17.5, `and ${plural(rest.length, 'more rule')}`, { width: width - 20 }),
    );
    top += 31;
  }
  return [drawn, top - y];
}
