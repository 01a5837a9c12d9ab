import type {Activation} from '../../../graph/ops/activation.ts';
import {LINEAR, RELU} from '../../../graph/ops/activation.ts';
import {activated, clipped, mapped, sloped} from '../../fold/elementwise.ts';
import type {Unary} from '../../fold/numbers.ts';
import type {Value} from '../../fold/value.ts';
import {FUSED_ACTIVATIONS} from '../schema.ts';
import {inputOf, misfit, numberOption, type OperatorCall, type OperatorImporter, unsupported} from './operator.ts';

/** An operator that is a function of one number. */
export const unary =
  (kind: Unary): OperatorImporter =>
  call => [mapped(call.at, kind, inputOf(call, 0))];

/** An operator that keeps numbers between two. */
export const between =
  (low: number, high: number): OperatorImporter =>
  call => [clipped(call.at, inputOf(call, 0), low, high)];

export const elu: OperatorImporter = call => [activated(call.at, inputOf(call, 0), {type: 'elu', alpha: 1})];

export const leakyRelu: OperatorImporter = call => {
  const slope = numberOption(call, 'alpha');
  return [activated(call.at, inputOf(call, 0), {...RELU, slope})];
};

export const gelu: OperatorImporter = call => {
  const type = call.operator.options['approximate'] === true ? 'gelu-tanh' : 'gelu';
  return [activated(call.at, inputOf(call, 0), {type})];
};

export const prelu: OperatorImporter = call => [sloped(call.at, inputOf(call, 0), inputOf(call, 1))];

/** The operator's fused activation over a value; a pass hands it to the op before. */
export function fused(call: OperatorCall, value: Value, code: number = numberOption(call, 'activation')): Value {
  if (code === FUSED_ACTIVATIONS.reluMinus1To1) return clipped(call.at, value, -1, 1);
  return activated(call.at, value, activationOf(call, code));
}

/** An activation of the format as the graph has it. */
export function activationOf(call: OperatorCall, code: number): Activation {
  switch (code) {
    case FUSED_ACTIVATIONS.none:
      return LINEAR;
    case FUSED_ACTIVATIONS.relu:
      return RELU;
    case FUSED_ACTIVATIONS.relu6:
      return {...RELU, maxValue: 6};
    case FUSED_ACTIVATIONS.tanh:
      return {type: 'tanh'};
    case FUSED_ACTIVATIONS.reluMinus1To1:
    case FUSED_ACTIVATIONS.sign:
      throw unsupported(call, `has activation ${code} of the format, which inference cannot compute here.`);
    default:
      throw misfit(call, `has activation ${code}.`);
  }
}
