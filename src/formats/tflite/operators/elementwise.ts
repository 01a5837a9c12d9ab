import {cast, mapped, merged, selected} from '../../fold/elementwise.ts';
import type {Binary} from '../../fold/numbers.ts';
import {elementsOf} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {TENSOR_TYPES} from '../schema.ts';
import {fused} from './activation.ts';
import {inputOf, numberOption, type OperatorCall, type OperatorImporter} from './operator.ts';

/** Two values number by number; sizes of 1 are stretched. */
export const binary =
  (kind: Binary): OperatorImporter =>
  call => [fused(call, merged(call.at, kind, inputOf(call, 0), inputOf(call, 1)))];

/** The larger or the smaller of two; a limit at infinity is none. */
export const limited =
  (kind: 'maximum' | 'minimum'): OperatorImporter =>
  call => {
    const [a, b] = [inputOf(call, 0), inputOf(call, 1)];
    if (bindsNothing(kind, b) && elementsOf(b) === 1) return [fused(call, a)];
    return bindsNothing(kind, a) && elementsOf(a) === 1 ? [fused(call, b)] : binary(kind)(call);
  };

function bindsNothing(kind: 'maximum' | 'minimum', value: Value): boolean {
  const limit = kind === 'maximum' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return value.kind === 'constant' && value.data[0] === limit;
}

/** The largest whole number that is not above the quotient. */
export const floorDivide: OperatorImporter = call => {
  const [a, b] = [inputOf(call, 0), inputOf(call, 1)];
  if (a.kind === 'constant' && b.kind === 'constant') return [merged(call.at, 'floor-divide', a, b)];
  return [mapped(call.at, 'floor', merged(call.at, 'divide', a, b))];
};

export const select: OperatorImporter = call => [
  selected(call.at, inputOf(call, 0), inputOf(call, 1), inputOf(call, 2)),
];

const FLOATS: readonly number[] = [TENSOR_TYPES.float16, TENSOR_TYPES.float32, TENSOR_TYPES.float64];

/** Inputs of the model that become whole numbers are indices: they are whole already. */
export const castTo: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const to = numberOption(call, 'to');
  const kind = FLOATS.includes(to) ? 'float' : to === TENSOR_TYPES.bool ? 'bool' : 'int';
  if (kind === 'int' && call.isModelInput(value)) return [{...value, numbers: kind} as Value];
  return [cast(call.at, value, kind)];
};

/** The same numbers: what the file quantises or stores sparsely is neither in the graph. */
export const asItIs: OperatorImporter = (call: OperatorCall) => [inputOf(call, 0)];
