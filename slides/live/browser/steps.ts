// The steps of a demo, read out of the text that stands on the slide without JavaScript (html.ts writes it), so that it is said once.

export interface Step {
  say: string;
  command: string;
}

export function readSteps(element: Element): Step[] {
  return [...element.querySelectorAll('.live-steps > li')].map(item => ({
    say: item.querySelector('p')?.textContent ?? '',
    command: item.querySelector('kbd')?.textContent ?? '',
  }));
}

const pause = 25;

/** Key by key, as somebody would, milliseconds apart; at once for those who want no motion. A line that was begun is taken back first. */
export async function typeCommand(command: string, send: (keys: string) => unknown): Promise<void> {
  const [toTheEnd, eraseAll] = ['\x05', '\x15'];
  send(toTheEnd + eraseAll);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  for (const key of still ? [command] : command) {
    send(key);
    if (!still) await new Promise(resolve => setTimeout(resolve, pause));
  }
  send('\r');
}
