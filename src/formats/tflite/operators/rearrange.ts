import {
  expanded,
  gathered,
  joined,
  padded,
  parted,
  reshaped,
  sliced,
  squeezed,
  tiled,
  transposed,
} from '../../fold/arrange.ts';
import {depthToSpace, spaceToDepth} from '../../fold/compute.ts';
import {axisOf, emit, flowing, imageOf, tensorOf} from '../../fold/site.ts';
import {constantOf, hidesFirst} from '../../fold/value.ts';
import {fused} from './activation.ts';
import {
  constantInput,
  hasInput,
  inputOf,
  integerInput,
  integersInput,
  misfit,
  numberOption,
  type OperatorCall,
  type OperatorImporter,
  unsupported,
} from './operator.ts';

/** The shape is an input or an option; where it is computed, the file says what comes out. */
export const reshape: OperatorImporter = call => {
  const {shape} = call.operator.options;
  const given = hasInput(call, 1) ? inputOf(call, 1) : null;
  if (given?.kind === 'constant') return [reshaped(call.at, inputOf(call, 0), integersInput(call, 1))];
  const option = shape as readonly number[];
  return [reshaped(call.at, inputOf(call, 0), given === null && option.length > 0 ? option : call.declared)];
};

export const squeeze: OperatorImporter = call => [
  squeezed(call.at, inputOf(call, 0), call.operator.options['axes'] as readonly number[]),
];

export const expandDimensions: OperatorImporter = call => [
  expanded(call.at, inputOf(call, 0), [integerInput(call, 1)]),
];

export const transpose: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const permutation = integersInput(call, 1).map(axis => axisOf(call.at, axis, value.shape.length));
  return [transposed(call.at, value, permutation)];
};

export const concatenation: OperatorImporter = call => {
  const values = call.inputs.map((_, index) => inputOf(call, index));
  if (values.length === 0) throw misfit(call, 'joins nothing.');
  return [fused(call, joined(call.at, values, numberOption(call, 'axis')))];
};

/** Values side by side along a new axis. */
export const pack: OperatorImporter = call => {
  const values = call.inputs.map((_, index) => inputOf(call, index));
  if (values.length === 0) throw misfit(call, 'joins nothing.');
  const axis = axisOf(call.at, numberOption(call, 'axis'), values[0]!.shape.length + 1);
  const apart = values.map(value => expanded(call.at, value, [axis]));
  return [joined(call.at, apart, axis)];
};

/** Each place along an axis by itself, without that axis. */
export const unpack: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const axis = axisOf(call.at, numberOption(call, 'axis'), value.shape.length);
  const places = Array.from({length: partsOf(call, value.shape[axis]!)}, () => 1);
  return parted(call.at, value, axis, places).map(part => squeezed(call.at, part, [axis]));
};

/** Equal parts along an axis. Inputs: axis, value. */
export const split: OperatorImporter = call => {
  const value = inputOf(call, 1);
  const axis = axisOf(call.at, integerInput(call, 0), value.shape.length);
  const count = partsOf(call, numberOption(call, 'count'));
  const size = value.shape[axis]! / count;
  if (!Number.isInteger(size)) throw misfit(call, `cuts [${value.shape}] into ${count} parts.`);
  return parted(
    call.at,
    value,
    axis,
    Array.from({length: count}, () => size),
  );
};

/** Parts of given sizes. Inputs: value, sizes, axis. */
export const splitInto: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const axis = axisOf(call.at, integerInput(call, 2), value.shape.length);
  const sizes = integersInput(call, 1);
  partsOf(call, sizes.length);
  const known = sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  return parted(
    call.at,
    value,
    axis,
    sizes.map(size => (size === -1 ? value.shape[axis]! - known : size)),
  );
};

/** As many parts as there are outputs. */
function partsOf(call: OperatorCall, count: number): number {
  const {length} = call.operator.outputs;
  if (count !== length || count < 1) throw misfit(call, `makes ${count} parts for ${length} outputs.`);
  return count;
}

/** Places around each dimension: a value in them, zero by default, or the input in a mirror. */
export const pad =
  (mode: 'constant' | 'mirror'): OperatorImporter =>
  call => {
    const value = inputOf(call, 0);
    const rank = value.shape.length;
    const around = integersInput(call, 1);
    if (around.length !== 2 * rank || around.some(places => places < 0))
      throw misfit(call, `puts [${around}] places around ${rank} dimensions.`);
    const before = around.filter((_, i) => i % 2 === 0);
    const after = around.filter((_, i) => i % 2 === 1);
    if (mode === 'mirror') {
      const mirror = numberOption(call, 'mode') === 1 ? 'symmetric' : 'reflect';
      return [padded(call.at, value, {before, after, mode: mirror, value: 0})];
    }
    const filling = hasInput(call, 2) ? (constantInput(call, 2).data[0] ?? 0) : 0;
    return [padded(call.at, value, {before, after, mode, value: filling})];
  };

/** Channels to places of an image, or back. */
export const blocks =
  (direction: 'to depth' | 'to space'): OperatorImporter =>
  call => {
    const value = inputOf(call, 0);
    const block = numberOption(call, 'block');
    const [, height, width, channels] = imageOf(call.at, value).shape as [number, number, number, number];
    const whole = direction === 'to space' ? [channels / block / block] : [height / block, width / block];
    if (block < 1 || !whole.every(Number.isInteger)) throw misfit(call, `has blocks of ${block} in [${value.shape}].`);
    return [(direction === 'to space' ? depthToSpace : spaceToDepth)(call.at, value, block)];
  };

/** Begins and sizes; -1 is all that is left. */
export const slice: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const begin = integersInput(call, 1);
  const sizes = integersInput(call, 2);
  const {shape} = value;
  if (begin.length !== shape.length || sizes.length !== shape.length)
    throw misfit(call, `takes [${sizes}] from [${begin}] of [${shape}].`);
  const size = sizes.map((count, axis) => (count === -1 ? shape[axis]! - begin[axis]! : count));
  return [
    sliced(
      call.at,
      value,
      begin,
      size,
      shape.map(() => 1),
    ),
  ];
};

/** Most copies that are put together. */
const MAX_COPIES = 1024;

export const tile: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const times = integersInput(call, 1);
  if (times.length !== value.shape.length || times.some(count => count < 1))
    throw misfit(call, `repeats [${value.shape}] [${times}] times.`);
  if (times.reduce((product, count) => product * count, 1) > MAX_COPIES)
    throw unsupported(call, `makes more than ${MAX_COPIES} copies.`);
  return [tiled(call.at, value, times)];
};

/** Stretched to a shape, along dimensions of 1. */
export const broadcast: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const target = integersInput(call, 1);
  const ahead = target.length - value.shape.length;
  if (ahead < 0) throw misfit(call, `stretches [${value.shape}] to [${target}].`);
  const shape = [...Array.from({length: ahead}, () => 1), ...value.shape];
  const times = target.map((size, axis) => (size === shape[axis] ? 1 : size));
  if (target.some((size, axis) => size < 1 || (size !== shape[axis] && shape[axis] !== 1)))
    throw misfit(call, `stretches [${value.shape}] to [${target}].`);
  if (times.reduce((product, count) => product * count, 1) > MAX_COPIES)
    throw unsupported(call, `makes more than ${MAX_COPIES} copies.`);
  return [tiled(call.at, reshaped(call.at, value, shape), times)];
};

/** Backwards along the first dimension behind the batch. */
export const reverse: OperatorImporter = call => {
  const value = inputOf(call, 0);
  const axes = integersInput(call, 1).map(axis => axisOf(call.at, axis, value.shape.length));
  const first = hidesFirst(value.shape) ? 1 : 0;
  if (axes.length !== 1 || axes[0] !== first)
    throw unsupported(call, `turns dimensions [${axes}] of [${value.shape}] around.`);
  return [flowing(call.at, emit(call.at, {type: 'reverse'}, [tensorOf(call.at, value)]), value.shape)];
};

/** Inputs: value, indices. */
export const gather: OperatorImporter = call => {
  const value = inputOf(call, 0);
  if (numberOption(call, 'batchDimensions') !== 0) throw unsupported(call, 'picks other places in each example.');
  return [gathered(call.at, value, inputOf(call, 1), numberOption(call, 'axis'))];
};

/** Inputs: indices, table. */
export const embeddingLookup: OperatorImporter = call => [
  gathered(call.at, constantInput(call, 1), inputOf(call, 0), 0),
];

/** The sizes that the file speaks of. */
export const shapeVector: OperatorImporter = call => {
  const {shape} = inputOf(call, 0);
  return [constantOf(call.at.name, [shape.length], shape, 'int')];
};
