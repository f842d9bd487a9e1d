// String literals of TypeScript joined by `+`, read without running them: `…` stands for what a template puts in.

/** Null when the text does not begin with a literal. */
export function stringsFrom(source: string): string | null {
  let text: string | null = null;
  let rest = source;
  for (;;) {
    const end = literalEnd(rest);
    if (end === 0) return text;
    text = (text ?? '') + plain(rest.slice(0, end));
    rest = rest.slice(end);
    const [plus] = /^\s*\+\s*/.exec(rest) ?? [];
    if (plus === undefined) return text;
    rest = rest.slice(plus.length);
  }
}

/** Where the literal at the beginning ends; 0 when there is none. */
function literalEnd(source: string): number {
  const quote = source[0] ?? '';
  if (!`'"\``.includes(quote) || quote === '') return 0;
  for (let i = 1; i < source.length; i++) {
    if (source[i] === '\\') i++;
    else if (quote === '`' && source.startsWith('${', i)) i = expressionEnd(source, i + 2);
    else if (source[i] === quote) return i + 1;
  }
  return 0;
}

/** The place of the brace that ends an expression in a template. It may hold literals, and they braces. */
function expressionEnd(source: string, start: number): number {
  let open = 1;
  for (let i = start; i < source.length; i++) {
    if (source[i] === '{') open++;
    else if (source[i] === '}' && --open === 0) return i;
    else i += Math.max(literalEnd(source.slice(i)) - 1, 0);
  }
  return source.length;
}

function plain(literal: string): string {
  const quote = literal[0];
  let text = '';
  for (let i = 1; i < literal.length - 1; i++) {
    if (literal[i] === '\\') text += literal[++i] === 'n' ? ' ' : literal[i];
    else if (quote === '`' && literal.startsWith('${', i)) {
      text += '…';
      i = expressionEnd(literal, i + 2);
    } else text += literal[i];
  }
  return text;
}
