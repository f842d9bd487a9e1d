// The page of one process: its figures, and its calls where they were recorded.
import { html, raw } from 'hono/html';
import type { Role } from '../channel.ts';
import { order } from '../figures.ts';
import type { XrayRoom } from '../xray-room.ts';
import { layout } from './layout.ts';

export function xrayPage({ pid, channel }: XrayRoom, role: Role): string {
  return layout({
    title: `Process ${pid}`,
    events: { from: `/events/xray/${pid}`, have: channel.have(role) },
    body: html`<main id="text" class="alone figures" tabindex="-1"><h1>Process ${pid}</h1>
${raw(channel.get('running'))}
<h2 class="spoken">Drawn</h2>
${[...order(), 'calls'].map(id => raw(channel.get(`figure-${id}`)))}</main>`,
  });
}
