// Which of a context's names a COPY means by `*.txt`. Go's path/filepath, Match, which is what the Dockerfile reference promises:
// `*` and `?` stop at a slash, `[a-z]` and `[^a-z]` are one character, `\` escapes. There is no `**`.

/** Whether there is something in it to be matched; else it is a name. */
export const isPattern = (path: string) => /[*?[]/.test(path);

/** Throws a SyntaxError for a pattern that is none. */
export function toRegExp(pattern: string): RegExp {
  let source = '';
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const each = characters[i] ?? '';
    if (each === '*') source += '[^/]*';
    else if (each === '?') source += '[^/]';
    else if (each === '\\') {
      i++;
      if (i >= characters.length) throw new SyntaxError('nothing is behind the last \\');
      source += literal(characters[i] ?? '');
    } else if (each === '[') {
      const { text, end } = readClass(characters, i + 1);
      source += text;
      i = end;
    } else source += literal(each);
  }
  return new RegExp(`^${source}$`, 'us');
}

/** `[…]` from behind its bracket, as an expression, and where it ends. */
function readClass(characters: string[], start: number): { text: string; end: number } {
  const negated = characters[start] === '^';
  const ranges: string[] = [];
  let i = start + (negated ? 1 : 0);
  const one = () => {
    if (characters[i] === '\\') i++;
    const each = characters[i++];
    if (each === undefined) throw new SyntaxError('there is no ] to this [');
    return each;
  };
  // The first cannot be the end: a class has something in it.
  do {
    if (characters[i] === ']' || characters[i] === '-')
      throw new SyntaxError(`${characters[i]} in a class wants a \\ before it`);
    const low = one();
    const isRange = characters[i] === '-';
    if (isRange) i++;
    const high = isRange ? one() : low;
    if (low <= high) ranges.push(`${literal(low)}-${literal(high)}`);
  } while (characters[i] !== ']');
  const set = `[${negated ? '^/' : ''}${ranges.join('')}]`;
  return { text: ranges.length === 0 && !negated ? '(?!)' : set, end: i };
}

const literal = (character: string) => (/[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character);
