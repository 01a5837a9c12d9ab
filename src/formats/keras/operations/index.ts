import {TfmotError} from '../../../errors.ts';
import type {Builder} from '../../../graph/builder.ts';
import type {TensorId} from '../../../graph/tensor.ts';
import {tensorOf} from '../../fold/site.ts';
import type {LayerSpec} from '../config.ts';
import {wordOf} from '../config.ts';
import type {Given} from '../references.ts';
import {ARRANGE_OPERATIONS} from './arrange.ts';
import {operationCall, operationName} from './call.ts';
import {COMPUTE_OPERATIONS} from './compute.ts';
import {ELEMENTWISE_OPERATIONS} from './elementwise.ts';
import type {Operation} from './operation.ts';

/** The import rule of every operation on tensors that is understood: `x + y` and the like, which are no layers. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...ARRANGE_OPERATIONS,
  ...COMPUTE_OPERATIONS,
  ...ELEMENTWISE_OPERATIONS,
};

/** `math.reduce_mean` of Keras 2 is `reducemean`, as `TrueDivide` of Keras 3 is `truedivide`. */
function operationWord(layer: LayerSpec): string {
  return wordOf(operationName(layer).split('.').at(-1)!);
}

/** Whether an operation is understood. */
export function isKnownOperation(layer: LayerSpec): boolean {
  return Object.hasOwn(OPERATIONS, operationWord(layer));
}

/**
 * Refuses an operation that is not understood.
 *
 * @throws TfmotError `unsupported-layer`.
 */
export function checkOperation(layer: LayerSpec): void {
  if (isKnownOperation(layer)) return;
  throw new TfmotError(
    'unsupported-layer',
    `Layer '${layer.name}' (${layer.className}) is the operation '${operationName(layer)}' on tensors, which is not supported. Supported are ${Object.keys(OPERATIONS).sort().join(', ')}; write others with layers.`,
  );
}

/**
 * Adds the ops of one call of an operation.
 *
 * @param tensors What it is given, as `given` refers to it.
 * @throws TfmotError `unsupported-layer` for arguments that are not understood, or mix the examples of a batch.
 */
export function importOperation(
  builder: Builder,
  layer: LayerSpec,
  tensors: readonly TensorId[],
  given: Given,
): readonly TensorId[] {
  const call = operationCall(builder, layer, tensors, given);
  const results = [OPERATIONS[operationWord(layer)]!(call)].flat();
  call.checkAllRead();
  return results.map(value => tensorOf(call.at, value));
}
