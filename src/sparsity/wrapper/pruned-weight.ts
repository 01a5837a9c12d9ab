import {type DataId, greater, mul, tidy, util, type Variable, where, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../../errors.ts';
import type {ChosenWeight} from '../../live/chosen-weights.ts';
import type {BoundWeight} from '../../live/weight-wrapper.ts';
import type {Pattern} from '../../masks/pattern.ts';

/** A pruned weight with what its wrapper keeps for it. */
export interface PrunedWeight extends BoundWeight {
  /** Ones and zeros, shaped as the weight. */
  readonly mask: LayerVariable;
  /** Scalar: the smallest magnitude kept at the last update. */
  readonly threshold: LayerVariable;
  readonly pattern: Pattern;
}

/** Binds a mask, all ones, and a threshold to a weight: every pass sees `weight * mask`. */
export function prunedWeight(
  {name, variable: weight, inputChannelAxis}: ChosenWeight,
  mask: LayerVariable,
  threshold: LayerVariable,
  pattern: Pattern,
): PrunedWeight {
  return {
    name,
    weight,
    mask: guardShape(mask),
    threshold,
    pattern: pattern.type === 'm-by-n' ? {...pattern, axis: inputChannelAxis} : pattern,
    states: [mask, threshold],
    beforePass: maskApplier(weight, mask),
    // where, not a product: a negative weight times 0 is -0, an infinite one NaN.
    stripped: value => where(greater(mask.read(), 0), value, zerosLike(value)),
  };
}

/**
 * A function that sets `weight := weight * mask`, and does nothing where neither has changed since it last did, or the
 * mask is still the one given here, which must be all ones. Tensors are immutable, so data of the same id are the same
 * data.
 */
function maskApplier(weight: LayerVariable, mask: LayerVariable): () => void {
  const ones = mask.read().dataId;
  let lastWeight: DataId | undefined;
  let lastMask: DataId | undefined;
  return () => {
    const variable = weight.read() as Variable;
    const maskTensor = mask.read();
    if (maskTensor.dataId === ones) return;
    if (variable.dataId === lastWeight && maskTensor.dataId === lastMask) return;
    // Not LayerVariable.write, which would apply the weight's constraint; no optimizer of TensorFlow.js does.
    tidy(() => variable.assign(mul(variable, maskTensor)));
    lastWeight = variable.dataId;
    lastMask = maskTensor.dataId;
  };
}

/**
 * Makes a mask refuse values of another shape, which only a checkpoint of another model can hold, in this library's
 * words.
 */
function guardShape(mask: LayerVariable): LayerVariable {
  const write = mask.write.bind(mask);
  mask.write = value => {
    if (!util.arraysEqual(value.shape, mask.shape as number[])) {
      throw new TfmotError(
        'mask-mismatch',
        `A mask must have the shape [${mask.shape}] of its weight, but [${value.shape}] was to be written to ${mask.originalName}. ` +
          'Load the weights that were saved with this model.',
      );
    }
    return write(value);
  };
  return mask;
}
