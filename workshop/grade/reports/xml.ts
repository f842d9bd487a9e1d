// Reads XML as strictly as its specification asks, as far as a report goes: elements, attributes, text, CDATA. For tests: what is not
// well-formed throws. XML 1.0, 2.1 and 2.2

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const token =
  /<\?xml version="1\.0" encoding="UTF-8"\?>\s*|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.:-]*="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;

export function parseXml(source: string): Element {
  if (/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(source))
    throw new Error('no character of XML');
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    const top = open.at(-1);
    if (!match || !top) throw new Error(`not well-formed: ${source.slice(at, at + 60)}`);
    const [, cdata, closing, name, attributes = '', empty, text] = match;
    if (cdata !== undefined) top.text += cdata;
    else if (text?.includes(']]>')) throw new Error(']]> in text');
    else if (text !== undefined) top.text += resolve(text);
    else if (name && closing) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`);
    } else if (name) {
      const element: Element = { name, attributes: attributesOf(attributes), children: [], text: '' };
      top.children.push(element);
      if (!empty) open.push(element);
    }
  }
  const [first] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || !first || root.text.trim())
    throw new Error('not one whole element');
  return first;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of text.matchAll(/\s+([\w.:-]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`${name} twice`);
    attributes[name] = resolve(value);
  }
  return attributes;
}

const known: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolve(text: string): string {
  return text.replace(/&([^;&\s]*;?)/g, (whole, name: string) => {
    const number = /^#(?:x([\da-f]+)|(\d+));$/i.exec(name);
    if (number) return String.fromCodePoint(number[1] ? Number.parseInt(number[1], 16) : Number(number[2]));
    const char = known[name.slice(0, -1)];
    if (!char || !name.endsWith(';')) throw new Error(`no entity ${whole}`);
    return char;
  });
}
