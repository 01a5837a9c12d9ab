import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {type Encoded, encodedNow} from './_encoded.ts';
import {JUDGED} from './_encoder-models.ts';

const EXPECTED: Readonly<Record<string, Encoded>> = JSON.parse(
  readFileSync(new URL('../fixtures/encoder.json', import.meta.url), 'utf8'),
);

// The encoder may become better, but no one changes its files unawares: `npx tsx test/golden/make-encoder.ts`.
test('every judged model has its line', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(Object.keys(JUDGED).sort());
});

test.each(Object.keys(JUDGED))('the file of %s, to the byte, and what it costs', async name => {
  expect(await encodedNow(name)).toEqual(EXPECTED[name]);
});
