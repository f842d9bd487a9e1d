// A host's nftables rules: what they are about and what they have counted by nft's JSON, their text by its own notation. nft(8),
// libnftables-json(5)
import { type Candidate, isAbout, type Rule, relevant, type Subject } from './relevance.ts';
import { ask } from './run.ts';

interface RawRule {
  family: string;
  table: string;
  chain: string;
  handle: number;
  expr: Record<string, unknown>[];
}
type Named = { family: string; table: string; name: string; elem?: unknown; packets?: number; bytes?: number };
type Item = Partial<Record<'set' | 'map' | 'counter', Named>> & { rule?: RawRule };

/** Without a subject, all. */
export async function readNftables(where: Parameters<typeof ask>[1], subject: Subject | null): Promise<Rule[]> {
  const [json, text] = await Promise.all([
    ask(['nft', '--json', 'list', 'ruleset'], where),
    ask(['nft', '--handle', 'list', 'ruleset'], where),
  ]);
  const items = (JSON.parse(json) as { nftables: Item[] }).nftables;
  const texts = ruleTexts(text);
  const named = items.flatMap(({ set, map, counter }) => [set, map, counter].filter(each => each !== undefined));
  const candidates = items.flatMap(({ rule }): Candidate[] => {
    if (!rule) return [];
    const inTable = named.filter(({ family, table }) => family === rule.family && table === rule.table);
    const words = wordsOf(rule.expr);
    const referred = inTable.filter(({ name }) => words.includes(`@${name}`));
    const all = [...words, ...referred.flatMap(({ elem }) => wordsOf(elem))];
    const shown = texts.get(keyOf(rule)) ?? JSON.stringify(rule.expr);
    return [
      {
        ...{ table: `${rule.family} ${rule.table}`, chain: rule.chain, ...countOf(rule, inTable) },
        text: shown.replace(/\bcounter packets \d+ bytes \d+/, 'counter'),
        about: subject === null || all.some(word => isAbout(word, subject)),
        leadsTo: targetsOf(rule.expr),
      },
    ];
  });
  return relevant(candidates);
}

/** A counter of the rule's own, or one that has a name. */
function countOf({ expr }: RawRule, named: Named[]): { packets: number | null; bytes: number | null } {
  const counter = expr.map(each => each.counter).find(each => each !== undefined && each !== null);
  const found =
    typeof counter === 'string' ? named.find(each => each.name === counter) : (counter as Named | undefined);
  return { packets: found?.packets ?? null, bytes: found?.bytes ?? null };
}

/** All values in it that are words; networks and ranges as they are written. */
function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const { prefix, range } = value as { prefix?: { addr?: unknown; len?: unknown }; range?: unknown[] };
  if (prefix && typeof prefix.addr === 'string') return [`${prefix.addr}/${prefix.len}`];
  if (Array.isArray(range) && range.every(each => typeof each === 'string')) return [range.join('-')];
  return Object.values(value).flatMap(wordsOf);
}

/** Of jump and goto, wherever they stand: in a verdict map too. */
function targetsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const target = key === 'jump' || key === 'goto' ? (inner as { target?: unknown } | null)?.target : undefined;
    return typeof target === 'string' ? [target] : targetsOf(inner);
  });
}

const keyOf = (rule: Pick<RawRule, 'family' | 'table' | 'chain'> & { handle: number | string }) =>
  JSON.stringify([rule.family, rule.table, rule.chain, Number(rule.handle)]);

/** A rule may take several lines; the last one ends with its handle. */
function ruleTexts(text: string): Map<string, string> {
  const texts = new Map<string, string>();
  let [family, table, chain, pending] = ['', '', '', ''];
  for (const line of text.split('\n')) {
    const heading = /^table (\S+) (\S+) \{/.exec(line);
    if (heading) [, family = '', table = ''] = heading;
    const block = /^\t(\w+) (\S+) \{/.exec(line);
    if (block) [chain, pending] = [block[1] === 'chain' ? (block[2] ?? '') : '', ''];
    if (!chain || !line.startsWith('\t\t')) continue;
    const [, body, handle] = /^(.*?)(?: # handle (\d+))?$/.exec(line.trim()) ?? [];
    if (handle === undefined && /^(type \w+ hook|policy|comment) /.test(line.trim())) continue;
    pending = `${pending} ${body}`.trim();
    if (handle === undefined) continue;
    texts.set(keyOf({ family, table, chain, handle }), pending);
    pending = '';
  }
  return texts;
}
