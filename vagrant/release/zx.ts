// zx's `$` for the release check: what a command says is kept, and shown when it fails.
import { $ as quiet } from 'zx';

export const zx = quiet({ quiet: true, stdio: ['ignore', 'pipe', 'pipe'] });
