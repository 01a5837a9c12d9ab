import {describe, expect, test} from 'vitest';
import {isTfmotError} from '../../src/errors.ts';
import {open} from '../../src/formats/open.ts';
import {diceOf} from '../../testing/dice.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';
import {readCases} from '../formats/onnx/_cases.ts';
import {mutated} from './_onnx-mutations.ts';

const FILES = readCases().map(({bytes}) => bytes);
const COUNT = FULL ? 50_000 : 1000;

/** Opens a file, decodes its weights and imports it: the code of the error that refuses it, or nothing. */
async function outcomeOf(file: Uint8Array): Promise<string | undefined> {
  try {
    const model = await open(file);
    for (const weight of model.weights) weight.values();
    await model.graph();
    return undefined;
  } catch (error) {
    if (isTfmotError(error)) return error.code;
    throw new Error(`${Buffer.from(file).toString('base64')}: ${(error as Error).stack}`, {cause: error});
  }
}

describe('damaged .onnx files', () => {
  test(`${COUNT} mutated files are refused with a TfmotError, or read`, async () => {
    const dice = diceOf(seeded(9));
    const tally = new Map<string | undefined, number>();
    for (let i = 0; i < COUNT; i++) {
      const outcome = await outcomeOf(mutated(FILES, dice));
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
    }
    // Mutations reach behind the reader, and some do no harm.
    for (const code of ['corrupt-file', 'invalid-topology', 'unsupported-layer', undefined])
      expect(tally.get(code) ?? 0, String(code)).toBeGreaterThan(COUNT / 100);
  });
});
