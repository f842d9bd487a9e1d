// Text as HTML.

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, found => entities[found] ?? found);

/** A class attribute that says how long the lines are and how many: the style chooses the size of the type by it. */
export function sizeOf(text: string): string {
  const lines = text.split('\n');
  const width = Math.max(...lines.map(line => line.length));
  if (width > 78 || lines.length > 15) return 'small';
  return width > 64 || lines.length > 11 ? 'medium' : 'large';
}
