// For the tests: every slide, shown one after the other, and what is wrong with it. It runs in the page; lines for the log.

/** `smallest`: pixels of the smallest type. */
export async function walk(smallest: number): Promise<string[]> {
  const wrong: string[] = [];
  for (const section of document.querySelectorAll<HTMLElement>('.slides > section')) {
    location.hash = `#/${section.id}`;
    for (let i = 0; i < 100 && !section.classList.contains('present'); i++) await new Promise(requestAnimationFrame);
    const say = (what: string, element?: Element) =>
      wrong.push(`${section.id}: ${what}${element ? `: ${element.textContent?.trim().slice(0, 40)}` : ''}`);
    if (!section.classList.contains('present')) say('is never shown');
    const slide = section.querySelector<HTMLElement>('.slide');
    if (slide) look(slide, smallest, say);
    else say('is no slide');
  }
  return wrong;
}

type Say = (what: string, element?: Element) => void;

function look(slide: HTMLElement, smallest: number, say: Say): void {
  const frame = slide.getBoundingClientRect();
  if (Math.round(frame.width) !== 1280 || Math.round(frame.height) !== 720) say(`is ${frame.width} by ${frame.height}`);
  if (slide.querySelectorAll('h1, h2').length !== 1) say('has not one heading');
  for (const picture of slide.querySelectorAll('img, svg')) if (!isNamed(picture)) say('has a picture without a name');
  for (const link of slide.querySelectorAll('a')) {
    if (!document.getElementById(link.getAttribute('href')?.replace('#/', '') ?? '')) say('links elsewhere', link);
  }
  for (const element of slide.querySelectorAll('pre, table, figure, ul, ol, p, blockquote, live-terminal')) {
    const inScroller = element.closest('.live-text');
    if (!inScroller && leaves(element.getBoundingClientRect(), frame)) say('leaves the slide', element);
  }
  const words = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  for (let node = words.nextNode(); node; node = words.nextNode()) {
    const element = node.parentElement;
    if (!element || !node.textContent?.trim() || element.closest('style, title, desc, [hidden]')) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const holder = element.closest('svg') ?? slide;
    if (!element.closest('.live-text') && leaves(range.getBoundingClientRect(), holder.getBoundingClientRect())) {
      say('has words outside of their frame', element);
    }
    const size = sizeOf(element);
    if (size < smallest - 0.05) say(`has type of ${size.toFixed(1)} px`, element);
  }
}

function isNamed(picture: Element): boolean {
  const ids = (picture.getAttribute('aria-labelledby') ?? '').split(' ');
  return Boolean(picture.getAttribute('alt') || ids.some(id => document.getElementById(id)?.textContent));
}

function leaves(box: DOMRect, frame: DOMRect): boolean {
  const [left, top] = [box.left - frame.left, box.top - frame.top];
  return left < -1 || top < -1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
}

/** Of the type as it is seen: in a picture it is scaled. */
function sizeOf(element: Element): number {
  const size = Number.parseFloat(getComputedStyle(element).fontSize);
  return element instanceof SVGGraphicsElement ? size * (element.getScreenCTM()?.a ?? 1) : size;
}
