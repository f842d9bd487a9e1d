// Text as HTML, and how large it may be.
export { escaped as escapeHtml } from '../../workshop/page/html/escape.ts';

/** A class attribute that says how long the lines are and how many: the style chooses the size of the type by it. */
export function sizeOf(text: string): string {
  const lines = text.split('\n');
  const width = Math.max(...lines.map(line => line.length));
  if (width > 78 || lines.length > 15) return 'small';
  return width > 64 || lines.length > 11 ? 'medium' : 'large';
}
