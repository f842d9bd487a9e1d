// Every command on every slide is typed, and what comes is what the slide says.
import test from 'ava';
import { allDecks } from './deck.ts';
import { playDeck } from './play.ts';

for (const deck of allDecks()) {
  test.serial(`what the slides of ${deck.name} show is what happens`, async t => {
    const differences = await playDeck(deck);
    for (const { file, line, slide, command, output, actual } of differences) {
      t.log(`${file}:${line}, “${slide}”: $ ${command}\nsays:\n${output}\ncame:\n${actual}`);
    }
    t.is(differences.length, 0);
  });
}
