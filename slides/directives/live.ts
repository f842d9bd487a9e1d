// {{live chroot-escape}}: a live terminal. Without JavaScript, without the kernel, and on paper it is the demo as text.
import { liveTerminal } from '../live/html.ts';
import type { Directive } from './directive.ts';

export const live: Directive = {
  usage: '{{live namespaces}}',
  where: 'slide',
  render: ([name = ''], { shell }) => liveTerminal(name, { shell }),
};
