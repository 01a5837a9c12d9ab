import {cast, merged, selected} from '../../fold/elementwise.ts';
import type {Binary} from '../../fold/numbers.ts';
import type {NumberKind, Value} from '../../fold/value.ts';
import {asFile, asLastOfRank, fileShape, type Laid} from '../layouts.ts';
import {elementTypeOf} from '../read-tensor.ts';
import {number} from './activation.ts';
import {intAttribute, laidInput, type NodeCall, type NodeImporter, unsupported} from './operator.ts';

/** Values brought to one order: channels last where any of the widest is so, else the file's. */
export function alignedValues(call: NodeCall, given: readonly Laid[]): {values: readonly Value[]; isLast: boolean} {
  const {at, turned} = call;
  const rank = Math.max(...given.map(laid => fileShape(laid).length));
  const isLast = given.some(laid => laid.isLast && laid.value.shape.length === rank);
  const values = given.map(laid => (isLast ? asLastOfRank(at, turned, laid, rank) : asFile(at, turned, laid)));
  return {values, isLast};
}

/** Values number by number, from left to right; sizes of 1 are stretched. */
export const elementwise =
  (kind: Binary): NodeImporter =>
  call => {
    const {values, isLast} = alignedValues(
      call,
      call.inputs.map((_, i) => laidInput(call, i)),
    );
    const [first, ...rest] = values;
    if (first === undefined) throw unsupported(call, 'has no inputs.');
    return [{isLast, value: rest.reduce((value, next) => merged(call.at, kind, value, next), first)}];
  };

/** The mean of several values, number by number. */
export const average: NodeImporter = call => {
  const [sum] = elementwise('add')(call) as [Laid];
  return [{...sum, value: merged(call.at, 'divide', sum.value, number(call.inputs.length))}];
};

/** The remainder, with the sign of the divisor; with `fmod` that of the dividend, which is not to be had. */
export const modulo: NodeImporter = call => {
  if (intAttribute(call, 'fmod', 0) !== 0) throw unsupported(call, 'takes the sign of its first input.');
  return elementwise('modulo')(call);
};

export const where: NodeImporter = call => {
  const {values, isLast} = alignedValues(
    call,
    [0, 1, 2].map(i => laidInput(call, i)),
  );
  const [condition, a, b] = values as [Value, Value, Value];
  return [{isLast, value: selected(call.at, condition, a, b)}];
};

/** Inputs of the model that become whole numbers are indices: they are whole already. */
export function castTo(call: NodeCall, kind: NumberKind): readonly Laid[] {
  const laid = laidInput(call, 0);
  const {value} = laid;
  if (kind === 'int' && call.isModelInput(value)) return [{...laid, value: {...value, numbers: kind} as Value}];
  return [{...laid, value: cast(call.at, value, kind)}];
}

export const castNode: NodeImporter = call => {
  const type = elementTypeOf({type: intAttribute(call, 'to', 0)});
  if (type === undefined) throw unsupported(call, `casts to type ${intAttribute(call, 'to', 0)}.`);
  return castTo(call, type.numbers);
};

export const castLike: NodeImporter = call => castTo(call, laidInput(call, 1).value.numbers);

/** The same numbers. */
export const asItIs: NodeImporter = call => [laidInput(call, 0)];
