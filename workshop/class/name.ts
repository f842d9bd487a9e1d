// What people may be called: anything that is a name in any script, and nothing that could play with a terminal or a page.

/** Characters. */
const longest = 40;

/**
 * The name as it is kept: composed, without spaces around it. Null for what is none: control characters, those that turn the
 * direction of writing or show nothing (Unicode's category C), heaps of combining marks, no letter or digit.
 */
export function nameFrom(found: unknown): string | null {
  if (typeof found !== 'string' || found.length > 4 * longest) return null;
  const name = found
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '');
  const well = /[\p{L}\p{N}]/u.test(name) && !/[\p{C}\p{Zl}\p{Zp}]|\p{M}{4,}/u.test(name);
  return well && [...name].length <= longest ? name : null;
}

export const nameRule = `a name has 1 to ${longest} characters, none of them a control character`;

/** The name, or the next free one: a second 'Ana' becomes 'Ana (2)'. 'ana' would be taken for 'Ana', and is the second as well. */
export function freeName(name: string, taken: Iterable<string>): string {
  const others = new Set([...taken].map(alike));
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name} (${i})`;
    if (!others.has(alike(candidate))) return candidate;
  }
}

const alike = (name: string) => name.normalize('NFKC').toLowerCase();
