// zx's `$` for set-up: silent, for steps report themselves, and with nothing on stdin. That is also because bash takes
// a socket there, which Node's pipes are, for a login over the network, and reads ~/.bashrc.
import { $ as zx } from 'zx';

export const $ = zx({ quiet: true, stdio: ['ignore', 'pipe', 'pipe'] });
