import type {Facts, NamedWeight} from './open-model.ts';

/** How large and how sparse a weight is; zeros of both signs are zeros. */
export function factsOf(weight: NamedWeight): Facts {
  const values = weight.values();
  let nonZeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) nonZeros++;
  return {dtype: weight.dtype, elements: values.length, nonZeros, bytes: weight.bytes().length};
}
