import {sizeOf} from '../../../graph/tensor.ts';
import {expanded, gathered, joined, padded, parted, reshaped, squeezed, tiled, transposed} from '../../fold/arrange.ts';
import {depthToSpace as apart, spaceToDepth as together} from '../../fold/compute.ts';
import {merged} from '../../fold/elementwise.ts';
import {emit, flowing, tensorOf, weightOf} from '../../fold/site.ts';
import {constantOf, type Value} from '../../fold/value.ts';
import {channelsLast, fileShape, type Laid, laidOut, placeOfAxis} from '../layouts.ts';
import {alignedValues} from './elementwise.ts';
import {
  axesFrom,
  axisAttribute,
  constantInput,
  fileInput,
  floatAttribute,
  hasInput,
  intAttribute,
  integersGiven,
  integersInput,
  intsAttribute,
  laidInput,
  lastInput,
  misfit,
  type NodeCall,
  type NodeImporter,
  plain,
  textAttribute,
  unsupported,
} from './operator.ts';

/** Values one after another along an axis. */
export const concat: NodeImporter = call => {
  const given = call.inputs.map((_, i) => laidInput(call, i));
  const [first] = given;
  if (first === undefined) throw misfit(call, 'has no inputs.');
  const axis = axisAttribute(call, first, 1);
  const rank = fileShape(first).length;
  const {values, isLast} = given.every(laid => fileShape(laid).length === rank)
    ? alignedValues(call, given)
    : {values: given.map((_, i) => fileInput(call, i)), isLast: false};
  const at = placeOfAxis({value: values[0]!, isLast}, axis);
  return [{isLast, value: joined(call.at, values, at)}];
};

/** A value cut along an axis: into parts of given sizes, or as many as there are outputs. */
export const split: NodeImporter = call => {
  const laid = laidInput(call, 0);
  const axis = axisAttribute(call, laid, 0);
  const length = fileShape(laid)[axis]!;
  const count = intAttribute(call, 'num_outputs', call.node.outputs.length);
  const each = Math.ceil(length / count);
  const equal = Array.from({length: count}, (_, i) => Math.min(each, length - i * each));
  const sizes = integersGiven(call, 'split', 1) ?? equal;
  if (sizes.reduce((sum, size) => sum + size, 0) !== length || sizes.some(size => size < 0))
    throw misfit(call, `cuts ${length} places into [${sizes}].`);
  return parted(call.at, laid.value, placeOfAxis(laid, axis), sizes).map(value => ({...laid, value}));
};

export const transpose: NodeImporter = call => {
  const value = fileInput(call, 0);
  const order = intsAttribute(call, 'perm') ?? value.shape.map((_, axis) => value.shape.length - 1 - axis);
  return plain(transposed(call.at, value, order));
};

/** Sizes of 0 are those of the input, unless `allowzero` says that they are none; -1 is what is left. */
export const reshape: NodeImporter = call => {
  const value = fileInput(call, 0);
  const isZero = intAttribute(call, 'allowzero', 0) !== 0;
  const wanted = integersInput(call, 1).map((size, axis) => (size === 0 && !isZero ? (value.shape[axis] ?? 0) : size));
  return plain(reshaped(call.at, value, wanted));
};

/** Two dimensions: those before `axis`, and the rest. */
export const flatten: NodeImporter = call => {
  const value = fileInput(call, 0);
  const {length} = value.shape;
  const axis = intAttribute(call, 'axis', 1);
  if (axis < -length || axis > length) throw misfit(call, `flattens [${value.shape}] at axis ${axis}.`);
  const at = axis < 0 ? axis + length : axis;
  return plain(reshaped(call.at, value, [sizeOf(value.shape.slice(0, at)), sizeOf(value.shape.slice(at))]));
};

export const squeeze: NodeImporter = call => {
  const value = fileInput(call, 0);
  const axes = axesFrom(call, integersGiven(call, 'axes', 1) ?? [], value.shape.length);
  if (axes.some(axis => value.shape[axis] !== 1)) throw misfit(call, `squeezes [${value.shape}] at [${axes}].`);
  return plain(squeezed(call.at, value, axes));
};

export const unsqueeze: NodeImporter = call => {
  const axes = integersGiven(call, 'axes', 1);
  if (axes === undefined) throw misfit(call, 'lacks axes.');
  return plain(expanded(call.at, fileInput(call, 0), axes));
};

/** Rows of an embedding by indices that are computed; any axis by indices that the file says. */
export const gather: NodeImporter = call => {
  const [value, indices] = [fileInput(call, 0), fileInput(call, 1)];
  const axis = axisAttribute(call, laidInput(call, 0), 0);
  if (indices.kind === 'constant' || value.kind === 'tensor') return plain(gathered(call.at, value, indices, axis));
  if (axis !== 0 || value.shape.length !== 2) throw unsupported(call, `looks up [${value.shape}] along axis ${axis}.`);
  const id = emit(call.at, {type: 'embedding', table: weightOf(call.at, value)}, [tensorOf(call.at, indices)]);
  return plain(flowing(call.at, id, [...indices.shape, value.shape[1]!]));
};

const PAD_MODES = {constant: 'constant', edge: null, reflect: 'reflect', wrap: null} as const;

/** Places before and after, all before first: attributes, from version 11 on inputs. */
export const pad: NodeImporter = call => {
  const laid = laidInput(call, 0);
  const rank = fileShape(laid).length;
  const mode = textAttribute(call, 'mode', 'constant');
  const own = Object.hasOwn(PAD_MODES, mode) ? PAD_MODES[mode as keyof typeof PAD_MODES] : null;
  if (own === null) throw unsupported(call, `pads by '${mode}'.`);
  const pads = integersGiven(call, 'pads', 1);
  const axes = hasInput(call, 3)
    ? axesFrom(call, integersInput(call, 3), rank)
    : Array.from({length: rank}, (_, i) => i);
  if (pads?.length !== 2 * axes.length) throw misfit(call, `pads ${axes.length} dimensions by [${pads}].`);
  const places = (from: number): number[] => {
    const all = new Array<number>(rank).fill(0);
    axes.forEach((axis, i) => {
      all[axis] = pads[from + i]!;
    });
    return laidOut(laid, all);
  };
  const value = call.opset < 11 ? floatAttribute(call, 'value', 0) : fillOf(call);
  const padding = {before: places(0), after: places(axes.length), mode: own, value};
  return [{...laid, value: padded(call.at, laid.value, padding)}];
};

function fillOf(call: NodeCall): number {
  if (!hasInput(call, 2)) return 0;
  const {data} = constantInput(call, 2);
  if (data.length > 1) throw misfit(call, `pads with ${data.length} numbers, which must be one.`);
  return data[0] ?? 0;
}

/** A value stretched to a shape, as far as the shapes can be merged. */
export const expand: NodeImporter = call => {
  return plain(stretched(call, fileInput(call, 0), integersInput(call, 1)));
};

function stretched(call: NodeCall, value: Value, wanted: readonly number[]): Value {
  const rank = Math.max(value.shape.length, wanted.length);
  const own = [...new Array<number>(rank - value.shape.length).fill(1), ...value.shape];
  const target = [...new Array<number>(rank - wanted.length).fill(1), ...wanted];
  const times = own.map((size, axis) => (size === 1 ? target[axis]! : 1));
  const fits = own.every((size, axis) => size === 1 || target[axis] === 1 || target[axis] === size);
  if (!fits || times.some(count => count < 0)) throw misfit(call, `stretches [${value.shape}] to [${wanted}].`);
  return repeated(call, reshaped(call.at, value, own), times);
}

/** Most elements that repeating may make of what is computed. */
const MAX_REPEATED = 2 ** 24;

function repeated(call: NodeCall, value: Value, times: readonly number[]): Value {
  if (times.every(count => count === 1)) return value;
  if (value.kind === 'constant') return tiled(call.at, value, times);
  const shape = value.shape.map((size, axis) => size * times[axis]!);
  if (!(sizeOf(shape) <= MAX_REPEATED)) throw unsupported(call, `repeats [${value.shape}] to [${shape}].`);
  // Where every repeated dimension is 1, ones of the shape do it in one step.
  if (value.shape.every((size, axis) => size === 1 || times[axis] === 1)) {
    const ones = constantOf(call.at.name, shape, new Float32Array(sizeOf(shape)).fill(1), value.numbers);
    return merged(call.at, 'multiply', value, ones);
  }
  if (times.some(count => count > 64)) throw unsupported(call, `repeats [${value.shape}] to [${shape}].`);
  return tiled(call.at, value, times);
}

export const tile: NodeImporter = call => {
  const value = fileInput(call, 0);
  const times = integersInput(call, 1);
  if (times.length !== value.shape.length || times.some(count => count < 1))
    throw misfit(call, `repeats [${value.shape}] by [${times}].`);
  return plain(repeated(call, value, times));
};

/** `DCR`: the blocks of a channel are far apart; `CRD`: they follow one another. */
export const depthToSpace: NodeImporter = call => {
  const value = lastInput(call, 0);
  const block = intAttribute(call, 'blocksize', 1);
  if (value.shape.length !== 4 || !Number.isInteger(value.shape[3]! / block ** 2))
    throw misfit(call, `makes blocks of ${block} of [${value.shape}].`);
  if (textAttribute(call, 'mode', 'DCR') === 'DCR') return [channelsLast(apart(call.at, value, block))];
  const [, height, width, channels] = value.shape as [number, number, number, number];
  const depth = channels / block ** 2;
  const blocks = reshaped(call.at, value, [height, width, depth, block, block]);
  const rows = transposed(call.at, blocks, [0, 3, 1, 4, 2]);
  return [channelsLast(reshaped(call.at, rows, [1, height * block, width * block, depth]))];
};

export const spaceToDepth: NodeImporter = (call): readonly Laid[] => {
  const value = lastInput(call, 0);
  const block = intAttribute(call, 'blocksize', 1);
  if (value.shape.length !== 4 || !value.shape.slice(1, 3).every(side => Number.isInteger(side / block)))
    throw misfit(call, `makes blocks of ${block} of [${value.shape}].`);
  return [channelsLast(together(call.at, value, block))];
};
