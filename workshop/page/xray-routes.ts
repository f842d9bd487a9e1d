// `/xray/PID`: any process of the machine, for the owner; for those who only look the ones that they are shown.
import { existsSync } from 'node:fs';
import type { Context, Hono } from 'hono';
import type { XrayOptions } from '../xray/index.ts';
import type { Env } from './access.ts';
import type { Events } from './events.ts';
import { xrayPage } from './html/xray.ts';
import type { Rooms } from './rooms.ts';
import { openXrayRoom, type XrayRoom } from './xray-room.ts';

/** What viewers may see of the machine: processes by number, with what is known of each. */
export type Shown = Map<number, XrayOptions>;

export function xrayRoutes(app: Hono<Env>, rooms: Rooms<XrayRoom>, shown: Shown, events: Events): void {
  const find = (c: Context<Env>): XrayRoom | null => {
    const pid = Number(c.req.param('pid'));
    const may = (c.get('role') === 'owner' || shown.has(pid)) && existsSync(`/proc/${pid}`);
    return may ? rooms.enter(String(pid), changed => openXrayRoom(pid, shown.get(pid), changed)) : null;
  };
  const nothing = (c: Context<Env>) => c.text('there is no such process to be seen\n', 404);
  app.get('/xray/:pid{[1-9]\\d{0,9}}', c => {
    const room = find(c);
    return room ? c.html(xrayPage(room, c.get('role'))) : nothing(c);
  });
  app.get('/events/xray/:pid{[1-9]\\d{0,9}}', c => {
    const room = find(c);
    return room ? events(c, room.channel) : nothing(c);
  });
}
