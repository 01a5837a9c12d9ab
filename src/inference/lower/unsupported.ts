import {TfmotError} from '../../errors.ts';
import type {Op} from '../../graph/ops/index.ts';

/** The refusal of an op, or a form of one, that no kernel computes. */
export function unsupportedOp({type, layer}: Pick<Op, 'layer' | 'type'>): TfmotError {
  return new TfmotError(
    'unsupported-model',
    `The engine must have a kernel for every op, but has none for the '${type}' of '${layer}'. Cut the model before it.`,
  );
}
