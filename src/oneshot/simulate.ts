import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import type {Change, NamedWeight} from '../artifacts/open-model.ts';
import {SELECTION_NAMES, type Selection, selectWeights} from '../artifacts/selection.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {TfmotError} from '../errors.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {checkOptionNames} from '../option-names.ts';
import {quantizeCodebook} from '../quantizers/codebook.ts';
import {dequantizeSymmetric, quantizeSymmetric} from '../quantizers/symmetric.ts';

/** Which quantiser is meant by so many bits. */
export interface QuantizationMethod extends Selection {
  /** `codebook` (the default): `2 ** bits` values of each weight's own; `symmetric`: even steps around zero. */
  readonly method?: 'codebook' | 'symmetric';
}

/** Bits of 32 stand for a weight that stays as it is. */
export const FLOAT_BITS = 32;

/**
 * A model whose weights are what their quantised form decodes to, in float32: the same accuracy as the quantised model
 * on any runtime, at any number of bits.
 *
 * @param bits 1 to 8 (`symmetric`: 2 to 8) for all weights, or by name; weights not named stay as they are, as do those
 *     at 32.
 * @returns The artifacts, and the bytes that the weights take when packed: levels, codebooks or scales, and the rest as
 *     it is stored.
 * @throws TfmotError `invalid-argument` for bits outside the range.
 */
export async function simulateQuantization(
  model: SavableModel | ModelArtifacts,
  bits: number | Readonly<Record<string, number>>,
  options: QuantizationMethod = {},
): Promise<{readonly artifacts: ModelArtifacts; readonly bytes: number}> {
  checkOptionNames(options, ['method', ...SELECTION_NAMES], 'simulateQuantization');
  const open = openArtifacts(await artifactsOf(model));
  refuseUnfinished(open, 'simulateQuantization');
  const selected = new Set(selectWeights(open.weights, options).selected);
  const changes = new Map<string, Change>();
  let bytes = 0;
  for (const weight of open.weights) {
    const wanted = typeof bits === 'number' ? bits : (bits[weight.name] ?? FLOAT_BITS);
    if (!selected.has(weight) || wanted === FLOAT_BITS) {
      bytes += weight.bytes().length;
      continue;
    }
    const {values, tableBytes} = rounded(weight, wanted, options.method ?? 'codebook');
    bytes += Math.ceil((values.length * wanted) / 8) + tableBytes;
    changes.set(weight.name, {values, dtype: 'float32'});
  }
  return {artifacts: open.withWeights(changes).artifacts, bytes};
}

function rounded(
  weight: NamedWeight,
  bits: number,
  method: 'codebook' | 'symmetric',
): {values: Float32Array; tableBytes: number} {
  const values = weight.values();
  if (method === 'symmetric') {
    const result = quantizeSymmetric(values, weight.shape, {bits});
    return {values: dequantizeSymmetric(result, weight.shape), tableBytes: result.scales.byteLength};
  }
  if (!Number.isInteger(bits) || bits < 1 || bits > 8) {
    throw new TfmotError('invalid-argument', `bits must be a whole number from 1 to 8, but is ${bits}.`);
  }
  const {entries, indices} = quantizeCodebook(values, 2 ** bits);
  const restored = new Float32Array(indices.length);
  for (let i = 0; i < indices.length; i++) restored[i] = entries[indices[i]!]!;
  return {values: restored, tableBytes: entries.byteLength};
}
