// What a lesson's text asks for in a TODO: the item of that number in the list under its heading.
import { lexer, type Tokens } from 'marked';

export interface Asked {
  /** The heading in the lesson's text. */
  section: string;
  /** In Markdown, one line. */
  text: string;
}

const headings = ['What you write', 'Your task'];

/** `text` is the lesson's README; null where it has no such list, or none so long. */
export function askedIn(text: string, todo: number): Asked | null {
  const tokens = lexer(text);
  const begins = tokens.findIndex(token => token.type === 'heading' && headings.includes(token.text));
  const ends = tokens.findIndex((token, i) => i > begins && token.type === 'heading');
  const section = begins < 0 ? [] : tokens.slice(begins, ends < 0 ? tokens.length : ends);
  const numbered = section.find(token => token.type === 'list' && token.ordered) as Tokens.List | undefined;
  const item = numbered?.items[todo - 1];
  if (!item) return null;
  const words = item.text.replace(/^\*\*TODO \d+\*\*[,:]?\s*/, '').replace(/\s*\n\s*/g, ' ');
  return { section: (section[0] as Tokens.Heading).text, text: words.trim() };
}
