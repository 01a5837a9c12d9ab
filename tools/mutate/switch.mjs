// Loaded into every process of a run, before all else: says which mutant is awake, or notes which ones a test reaches.
import {appendFileSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

const {MUTANT_FILE: file, MUTANT_HITS: folder} = process.env;

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
} else if (file !== undefined) {
  const awake = Number(readFileSync(file, 'utf8'));
  globalThis.mutant = id => id === awake;
}
