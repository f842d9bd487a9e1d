// `npm run bench [container | network | page | pull | unpack | verdict | whole]`: what Boxwright promises of its speed, measured side by side in one run. Medians;
// machines are noisy, so it is the ratios that count.
import { benchContainer } from './container.ts';
import { benchNetwork } from './network.ts';
import { benchPage } from './page.ts';
import { benchPull } from './pull.ts';
import { benchUnpack } from './unpack.ts';
import { benchVerdict } from './verdict.ts';
import { benchWhole } from './whole.ts';

const sections: Record<string, () => Promise<void>> = {
  container: benchContainer,
  network: benchNetwork,
  page: benchPage,
  pull: benchPull,
  unpack: benchUnpack,
  verdict: benchVerdict,
  whole: benchWhole,
};
const wanted = process.argv.slice(2);
const unknown = wanted.find(name => !(name in sections));
if (unknown !== undefined) {
  console.error(`bench: there is no section ${unknown}\nnext: choose from ${Object.keys(sections).join(', ')}`);
  process.exit(2);
}
for (const [name, section] of Object.entries(sections))
  if (wanted.length === 0 || wanted.includes(name)) await section();
