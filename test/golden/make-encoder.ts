// Notes what the encoder makes of models today: `npx tsx test/golden/make-encoder.ts`, after it was changed on purpose.
// Says which files became larger.
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {type Encoded, encodedNow} from './_encoded.ts';
import {JUDGED} from './_encoder-models.ts';

const TABLE = new URL('../fixtures/encoder.json', import.meta.url);

const before: Readonly<Record<string, Encoded>> = existsSync(TABLE) ? JSON.parse(readFileSync(TABLE, 'utf8')) : {};
const lines: string[] = [];
for (const name of Object.keys(JUDGED)) {
  const now = await encodedNow(name);
  const larger = now.bytes - (before[name]?.bytes ?? now.bytes);
  if (larger !== 0) console.log(`${name}: ${now.bytes} bytes, ${larger > 0 ? '+' : ''}${larger}`);
  lines.push(`  ${JSON.stringify(name)}: ${JSON.stringify(now)}`);
}
writeFileSync(TABLE, `{\n${lines.join(',\n')}\n}\n`);
