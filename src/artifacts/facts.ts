import {countNonZeros} from '../masks/statistics.ts';
import type {Facts, NamedWeight} from './open-model.ts';

/** How large and how sparse a weight is; zeros of both signs are zeros. */
export function factsOf(weight: NamedWeight): Facts {
  const values = weight.values();
  const nonZeros = countNonZeros(values);
  return {dtype: weight.dtype, elements: values.length, nonZeros, bytes: weight.bytes().length};
}
