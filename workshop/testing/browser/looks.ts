// What an eye would find wrong with a drawing, found by measuring it: texts over one another, out of their boxes, covered, or too pale.

interface Placed {
  element: SVGGraphicsElement;
  box: DOMRect;
  order: number;
}

/** Of every drawing on the page: an empty list, or a line for each fault. */
export function faults(selector = 'svg.xray'): string[] {
  return [...document.querySelectorAll<SVGSVGElement>(selector)].flatMap(drawing =>
    faultsOf(drawing).map(each => `${drawing.dataset.figure}: ${each}`),
  );
}

/** A pixel and a half: what is above and below the letters in a line of text is not seen. */
const slack = 1.5;

function faultsOf(drawing: SVGSVGElement): string[] {
  const all = [...drawing.querySelectorAll<SVGGraphicsElement>('text, rect')];
  const placed: Placed[] = all.map((element, order) => ({ element, box: DOMRect.fromRect(element.getBBox()), order }));
  const texts = placed.filter(({ element }) => element instanceof SVGTextElement);
  const rects = placed.filter(({ element }) => element instanceof SVGRectElement);
  const { width, height } = drawing.viewBox.baseVal;
  const found: string[] = [];
  const say = (text: Placed, words: string) => found.push(`“${text.element.textContent}” ${words}`);
  for (const [i, text] of texts.entries()) {
    const { x, y, width: wide, height: tall } = text.box;
    if (x < -slack || y < -slack || x + wide > width + slack || y + tall > height + slack)
      say(text, 'leaves the picture');
    for (const other of texts.slice(i + 1)) {
      if (overlap(text.box, other.box)) say(text, `lies over “${other.element.textContent}”`);
    }
    const own = home(text, rects);
    if (own && !contains(own.box, text.box)) say(text, `leaves its box, by ${overhang(own.box, text.box)}`);
    for (const rect of rects) {
      if (rect.order > text.order && isFilled(rect) && overlap(rect.box, text.box)) say(text, 'is covered');
    }
    const ratio = contrast(text, rects);
    if (ratio < 4.5) say(text, `has a contrast of ${ratio.toFixed(1)}`);
  }
  return found;
}

const overlap = (a: DOMRect, b: DOMRect) =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;
const contains = (outer: DOMRect, inner: DOMRect) =>
  inner.left >= outer.left - slack &&
  inner.right <= outer.right + slack &&
  inner.top >= outer.top - slack &&
  inner.bottom <= outer.bottom + slack;
const overhang = (outer: DOMRect, inner: DOMRect) =>
  [outer.left - inner.left, inner.right - outer.right, outer.top - inner.top, inner.bottom - outer.bottom]
    .map(Math.round)
    .join(' ');

/** The last box of the same part in which the text begins or ends. */
function home(text: Placed, rects: Placed[]): Placed | undefined {
  const part = text.element.closest('.part');
  const [left, right] = [text.box.left + 1, text.box.right - 1];
  const middle = text.box.top + text.box.height / 2;
  const isIn = (x: number, { box }: Placed) => x > box.left && x < box.right && middle > box.top && middle < box.bottom;
  const near = rects.filter(each => each.order < text.order && part && each.element.closest('.part') === part);
  return near.findLast(each => isIn(left, each) || isIn(right, each));
}

const isFilled = ({ element }: Placed) => {
  const { fill } = getComputedStyle(element);
  return fill !== 'none' && !/^rgba\(.*, 0\)$/.test(fill);
};

/** Between a text and what lies under its middle. WCAG 2, 1.4.3 */
function contrast(text: Placed, rects: Placed[]): number {
  const [x, y] = [text.box.left + text.box.width / 2, text.box.top + text.box.height / 2];
  const under = rects.findLast(
    each =>
      each.order < text.order &&
      isFilled(each) &&
      x > each.box.left &&
      x < each.box.right &&
      y > each.box.top &&
      y < each.box.bottom,
  );
  const ground = under ? getComputedStyle(under.element).fill : getComputedStyle(document.body).backgroundColor;
  const [a, b] = [luminance(getComputedStyle(text.element).fill), luminance(ground)].sort((one, two) => two - one);
  return ((a ?? 0) + 0.05) / ((b ?? 0) + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(each => {
    const part = Number(each) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
