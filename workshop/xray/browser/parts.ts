// The parts of drawings that explain themselves: which one is meant, which is the next, and where the same one is after a drawing was
// replaced.

/** The part that this is in, if any. */
export const partAt = (target: EventTarget | null): SVGElement | null =>
  target instanceof Element ? target.closest<SVGElement>('.xray .part') : null;

const drawings = (container: Element) => [...container.querySelectorAll<SVGElement>('svg.xray')];
const partsOf = (drawing: Element) => [...drawing.querySelectorAll<SVGElement>('.part')];

/** What stays the same of a part when its drawing is replaced. */
export interface Place {
  /** Of the drawing. */
  figure: string;
  /** Which of the container's drawings of that name. */
  index: number;
  id: string;
}

export function placeOf(container: Element, part: SVGElement): Place {
  const drawing = part.closest<SVGElement>('svg.xray');
  const figure = drawing?.dataset.figure ?? '';
  const alike = drawings(container).filter(each => each.dataset.figure === figure);
  return { figure, index: drawing ? alike.indexOf(drawing) : -1, id: part.dataset.part ?? '' };
}

export function find(container: Element, { figure, index, id }: Place): SVGElement | null {
  const drawing = drawings(container).filter(each => each.dataset.figure === figure)[index];
  return (drawing && partsOf(drawing).find(each => each.dataset.part === id)) ?? null;
}

/** Where an arrow key, Home or End leads from a part: Tab goes to the important ones, these to all of a drawing. */
export function step(part: SVGElement, key: string): SVGElement | null {
  const drawing = part.closest('svg.xray');
  const all = drawing ? partsOf(drawing) : [];
  const at = all.indexOf(part);
  const to = {
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: all.length - 1,
  }[key];
  return to === undefined ? null : (all[Math.max(0, Math.min(to, all.length - 1))] ?? null);
}
