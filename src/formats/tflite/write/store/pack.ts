import {TfmotError} from '../../../../errors.ts';
import {toFloat16} from '../../../../quantizers/float16.ts';
import {quantizeSymmetric} from '../../../../quantizers/symmetric.ts';
import type {TensorType} from '../../schema.ts';
import type {Constant, Content, Quantization} from '../file-model.ts';
import type {Precision} from './forms.ts';

/** The elements of a constant as they are stored. */
export interface Packed {
  readonly type: TensorType;
  readonly content: Content;
  readonly quantization: Quantization | null;
}

/** A magnitude that no float16 comes near. */
const FLOAT16_END = 65520;

/**
 * Rounds a constant of floats. Levels are symmetric, so that zeros stay zeros: of a kernel with one scale for each
 * output channel, of a table with one for all.
 *
 * @param oneScale A kernel has one for all, too: scales of channels take 12 bytes each.
 * @throws TfmotError `invalid-argument` for numbers that float16 does not reach, `non-finite-weight` for levels of what
 *     is not finite.
 */
export function pack(
  name: string,
  {role, channels, content}: Pick<Constant, 'channels' | 'content' | 'role'>,
  shape: readonly number[],
  precision: Exclude<Precision, 'levels'>,
  oneScale = false,
): Packed {
  const values = content as Float32Array;
  if (precision === 'float32') return {type: 'float32', content, quantization: null};
  if (precision === 'float16') {
    if (values.some(value => Math.abs(value) >= FLOAT16_END))
      throw new TfmotError(
        'invalid-argument',
        `weights: 'float16' needs numbers below ${FLOAT16_END}, but '${name}' has larger ones. Convert with 'float32' or 'int8'.`,
      );
    return {type: 'float16', content: toFloat16(values), quantization: null};
  }
  if (!values.every(Number.isFinite))
    throw new TfmotError(
      'non-finite-weight',
      `weights: 'int8' needs finite numbers, but '${name}' has others. Convert with 'float32', or mend the model.`,
    );
  const {levels, scales} = quantizeSymmetric(values, shape, {axis: role === 'kernel' && !oneScale ? channels : null});
  return {
    type: 'int8',
    content: levels,
    quantization: {scales: [...scales], zeroPoints: Array.from(scales, () => 0), dimension: channels},
  };
}
