import {LINEAR} from '../../../graph/ops/activation.ts';
import {sizeOf, type Weight} from '../../../graph/tensor.ts';
import {reshaped} from '../../fold/arrange.ts';
import {reduced, softmaxed} from '../../fold/compute.ts';
import {mapped, merged} from '../../fold/elementwise.ts';
import {arrangedWeight, emit, flowing, tensorOf} from '../../fold/site.ts';
import {constantOf, hidesFirst} from '../../fold/value.ts';
import {asFile, channelsLast, fileShape, inFileOrder, type Laid, placeOfAxis} from '../layouts.ts';
import {number} from './activation.ts';
import {
  axisAttribute,
  constantInput,
  fileInput,
  floatAttribute,
  hasInput,
  intAttribute,
  laidInput,
  lastInput,
  misfit,
  type NodeImporter,
  plain,
  unsupported,
  vectorWeight,
} from './operator.ts';

/** Inputs: image, scale, shift, mean, variance, one number a channel each. */
export const batchNormalization: NodeImporter = call => {
  if (intAttribute(call, 'training_mode', 0) !== 0) throw unsupported(call, 'is in training mode.');
  const {shape} = laidInput(call, 0).value;
  const value = lastInput(call, 0);
  const channels = value.shape.at(-1)!;
  if (shape.length < 2) throw misfit(call, `needs channels, but is given [${shape}].`);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map(index => vectorWeight(call, index, channels)) as Four;
  const epsilon = floatAttribute(call, 'epsilon', 1e-5);
  const factors = gamma.data.map((scale, c) => scale / Math.sqrt(variance.data[c]! + epsilon));
  const summands = beta.data.map((shift, c) => shift - mean.data[c]! * factors[c]!);
  const scale: Weight = {name: gamma.name, shape: [channels], data: factors};
  const shift: Weight = {name: beta.name, shape: [channels], data: summands};
  const id = emit(call.at, {type: 'affine', scale, shift, activation: LINEAR}, [tensorOf(call.at, value)]);
  const output = flowing(call.at, id, value.shape);
  return [value.shape.length < 3 ? inFileOrder(output) : channelsLast(output)];
};

type Four = [Weight, Weight, Weight, Weight];

/** Zero mean and unit variance over the dimensions from `axis` on, then a scale and a shift. */
export const layerNormalization: NodeImporter = call => {
  if (call.node.outputs.slice(1).some(name => name !== '')) throw unsupported(call, 'gives its mean or deviation.');
  const laid = laidInput(call, 0);
  const axis = axisAttribute(call, laid, -1);
  const value = asFile(call.at, call.turned, laid);
  const over = value.shape.slice(axis);
  const filled = (index: number, fallback: number): Weight => {
    const constant = hasInput(call, index) ? constantInput(call, index) : constantOf('none', [], [fallback]);
    const count = sizeOf(constant.shape);
    if (count !== 1 && count !== sizeOf(over))
      throw unsupported(call, `has factors [${constant.shape}] for numbers [${over}].`);
    return arrangedWeight(call.at, constant, 'filled', over, data =>
      count === sizeOf(over) ? data : new Float32Array(sizeOf(over)).fill(data[0]!),
    );
  };
  const epsilon = floatAttribute(call, 'epsilon', 1e-5);
  const hidden = axis === 0 && hidesFirst(value.shape) ? 1 : 0;
  const dimensions = over.length - hidden;
  const inner = (weight: Weight): Weight => (hidden === 0 ? weight : {...weight, shape: over.slice(1)});
  const weights = {gamma: inner(filled(1, 1)), beta: inner(filled(2, 0))};
  if (dimensions === 0) throw unsupported(call, `normalises [${value.shape}] over nothing.`);
  const id = emit(call.at, {type: 'layer-norm', dimensions, epsilon, ...weights}, [tensorOf(call.at, value)]);
  return plain(flowing(call.at, id, value.shape));
};

/** Zero mean and unit variance over the image, each channel by itself, then a scale and a shift a channel. */
export const instanceNormalization: NodeImporter = call => {
  const value = lastInput(call, 0);
  const spatial = value.shape.slice(1, -1).map((_, i) => i + 1);
  if (spatial.length === 0) throw misfit(call, `needs channels and an image, but is given [${value.shape}].`);
  const {at} = call;
  const centred = merged(at, 'subtract', value, reduced(at, 'mean', value, spatial, true));
  const variance = reduced(at, 'mean', mapped(at, 'square', centred), spatial, true);
  const epsilon = number(floatAttribute(call, 'epsilon', 1e-5));
  const unit = merged(at, 'multiply', centred, mapped(at, 'rsqrt', merged(at, 'add', variance, epsilon)));
  const scaled = merged(at, 'multiply', unit, fileInput(call, 1));
  return [channelsLast(merged(at, 'add', scaled, fileInput(call, 2)))];
};

/** Softmax, or its logarithm: over one axis, before version 13 over all from that axis on together. */
export const softmax =
  (log: boolean): NodeImporter =>
  call => {
    const laid = laidInput(call, 0);
    const axis = axisAttribute(call, laid, call.opset < 13 ? 1 : -1);
    const shape = fileShape(laid);
    if (call.opset >= 13 || sizeOf(shape.slice(axis)) === shape[axis])
      return [{...laid, value: softmaxed(call.at, laid.value, placeOfAxis(laid, axis), log)} satisfies Laid];
    const value = asFile(call.at, call.turned, laid);
    const flat = reshaped(call.at, value, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
    return plain(reshaped(call.at, softmaxed(call.at, flat, 1, log), shape));
  };
