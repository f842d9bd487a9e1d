// `$name`, `${name:-other}`, quotes and escapes in a word, replaced by what they mean. Dockerfile reference, "Environment replacement"
import { ContainerfileError } from './errors.ts';
import type { Word } from './words.ts';

/** What a variable's value is; undefined for one that is not set. */
export type Lookup = (name: string) => string | undefined;

/** The word's meaning. Throws ContainerfileError for a quote without an end, or a replacement that is not one. */
export function expand(word: Word, lookup: Lookup): string {
  const reader = new Reader(word, lookup);
  return reader.read('');
}

/** The text's variables, with quotes left as they are: a here-document. */
export function expandDocument(text: string, word: Word, lookup: Lookup): string {
  return new Reader({ ...word, text, place: () => word.place(0) }, lookup).read('', true);
}

class Reader {
  readonly #word: Word;
  readonly #lookup: Lookup;
  #at = 0;

  constructor(word: Word, lookup: Lookup) {
    this.#word = word;
    this.#lookup = lookup;
  }

  /** Up to this character, or to the end when it is ''. */
  read(stop: string, quotesArePlain = false): string {
    const { text, escaper } = this.#word;
    const begin = this.#at;
    let result = '';
    while (this.#at < text.length) {
      const next = text[this.#at] ?? '';
      if (next === stop) {
        this.#at++;
        return result;
      }
      if (next === '$') result += this.#variable();
      else if (quotesArePlain && next !== escaper) result += this.#take();
      else if (quotesArePlain) result += this.#escaped('$', escaper);
      else if (next === "'") result += this.#single();
      else if (next === '"') result += this.#double();
      else if (next === escaper) result += this.#escaped();
      else result += this.#take();
    }
    if (stop) throw this.#error(begin, `there is no ${stop} to this`);
    return result;
  }

  #take(): string {
    return this.#word.text[this.#at++] ?? '';
  }

  /** The escape character takes away the next one's meaning; where only some have any, the others keep it before them. */
  #escaped(...meaningful: string[]): string {
    this.#at++;
    const next = this.#take();
    return meaningful.length === 0 || meaningful.includes(next) ? next : this.#word.escaper + next;
  }

  #single(): string {
    const end = this.#word.text.indexOf("'", this.#at + 1);
    if (end < 0) throw this.#error(this.#at, "there is no ' to this");
    const inside = this.#word.text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return inside;
  }

  #double(): string {
    const begin = this.#at++;
    const { text, escaper } = this.#word;
    let result = '';
    while (this.#at < text.length) {
      const next = text[this.#at];
      if (next === '"') {
        this.#at++;
        return result;
      }
      if (next === '$') result += this.#variable();
      else if (next === escaper) result += this.#escaped('"', '$', escaper);
      else result += this.#take();
    }
    throw this.#error(begin, 'there is no " to this');
  }

  #variable(): string {
    const begin = this.#at++;
    if (this.#word.text[this.#at] !== '{') {
      const name = this.#name();
      return name ? (this.#lookup(name) ?? '') : '$';
    }
    this.#at++;
    const name = this.#name();
    if (!name) throw this.#error(begin, 'a variable’s name belongs between the braces');
    const value = this.#lookup(name);
    if (this.#word.text[this.#at] === '}') {
      this.#at++;
      return value ?? '';
    }
    const [operator = ''] = /^:?[-+?]/.exec(this.#word.text.slice(this.#at)) ?? [];
    if (!operator)
      throw this.#error(
        this.#at,
        `\${${name}… goes on in no way that is known`,
        'there is :- and :+ and :?, and the same without :',
      );
    this.#at += operator.length;
    const other = this.read('}');
    // With the colon, set to nothing is as good as not set.
    const isSet = operator.startsWith(':') ? !!value : value !== undefined;
    if (operator.endsWith('+')) return isSet ? other : '';
    if (isSet) return value ?? '';
    if (operator.endsWith('-')) return other;
    throw this.#error(begin, `${name}: ${other || 'is not set'}`);
  }

  #name(): string {
    const [name = ''] = /^(?:[a-zA-Z_]\w*|\d+|[@*#?$!-])/.exec(this.#word.text.slice(this.#at)) ?? [];
    this.#at += name.length;
    return name;
  }

  #error(offset: number, message: string, next?: string): ContainerfileError {
    return new ContainerfileError(this.#word.place(offset), message, next);
  }
}
