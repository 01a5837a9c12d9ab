import {LINEAR} from '../../../graph/ops/activation.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {reshaped} from '../../fold/arrange.ts';
import {outputsLast} from '../../fold/arranged.ts';
import {multiplied} from '../../fold/compute.ts';
import {arrangedWeight, elementsOf, emit, flowing, tensorOf} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {fused} from './activation.ts';
import {biasInput} from './convolution.ts';
import {
  constantInput,
  flagOption,
  inputOf,
  misfit,
  numberOption,
  type OperatorImporter,
  unsupported,
} from './operator.ts';

/** Inputs: value, weights `[out, in]`, bias. Without `keepDims` all dimensions but the last become one. */
export const fullyConnected: OperatorImporter = call => {
  if (numberOption(call, 'weightsFormat') !== 0)
    throw unsupported(call, 'has shuffled weights, which inference cannot read.');
  const value = inputOf(call, 0);
  if (inputOf(call, 1).kind === 'tensor')
    return [fused(call, multiplied(call.at, value, inputOf(call, 1), false, true))];
  const weights = constantInput(call, 1);
  const [out, inputs] = weights.shape as [number, number];
  if (weights.shape.length !== 2 || sizeOf(weights.shape) === 0) throw misfit(call, `has weights [${weights.shape}].`);
  if (elementsOf(value) % inputs !== 0)
    throw misfit(call, `has weights [${weights.shape}] for an input [${value.shape}].`);
  const kernel = arrangedWeight(call.at, weights, 'outputs last', [inputs, out], data => outputsLast(data, out));
  const rows: Value = flagOption(call, 'keepDims')
    ? value
    : reshaped(call.at, value, [elementsOf(value) / inputs, inputs]);
  const attributes = {type: 'dense', kernel, bias: biasInput(call, 2, out), activation: LINEAR} as const;
  const id = emit(call.at, attributes, [tensorOf(call.at, rows)]);
  return [fused(call, flowing(call.at, id, [...rows.shape.slice(0, -1), out]))];
};

/** The product of two values over their last two dimensions. */
export const batchMatmul: OperatorImporter = call => [
  multiplied(
    call.at,
    inputOf(call, 0),
    inputOf(call, 1),
    flagOption(call, 'transposeA'),
    flagOption(call, 'transposeB'),
  ),
];
