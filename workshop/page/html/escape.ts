// Through Hono's own escaping, so that there is one.
import { html } from 'hono/html';

export const escaped = (text: string) => String(html`${text}`);
