// Loaded into every process of a run, before all else: says which mutant is awake, or notes which ones a test reaches.
import {appendFileSync} from 'node:fs';
import {join} from 'node:path';

const {MUTANT, MUTANT_HITS: folder} = process.env;

if (folder !== undefined) {
  const seen = new Set();
  globalThis.mutant = id => {
    if (!seen.has(id)) {
      seen.add(id);
      const test = process.env.MUTANT_TEST;
      if (test !== undefined) appendFileSync(join(folder, encodeURIComponent(test)), `${id}\n`);
    }
    return false;
  };
} else {
  const awake = Number(MUTANT ?? 0);
  globalThis.mutant = id => id === awake;
}
