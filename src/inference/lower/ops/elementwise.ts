import type {ActivationOp} from '../../../graph/ops/activation.ts';
import type {AffineOp, LayerNormOp, PreluOp, SoftmaxOp} from '../../../graph/ops/channel.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {BINARY} from '../../kernels/index.ts';
import {at, instanceOf} from '../../program/instruction.ts';
import type {Region, Value} from '../../value.ts';
import {flat, planeFloats, planeOf} from '../../value.ts';
import {activate} from '../activate.ts';
import {combine, isPlanar} from '../broadcast.ts';
import {copyValue} from '../copy.ts';
import type {Lower, Lowering} from '../lowering.ts';

/** Room for the output of an op that goes element by element: the input's own, or a copy of its layout. */
export function outputLike(lowering: Lowering, output: number, input: number, x: Value): Value {
  const own = lowering.overwrite(output, x, input);
  if (own !== null) return own;
  // Instances of a constant are one; those of what is made of it are not.
  if (x.instance === 0) return lowering.write(output, flat(x.shape, lowering.instancesOf(output)));
  const {region: _, ...arrangement} = x;
  return lowering.write(output, {...arrangement, bytes: x.region.bytes});
}

/** A function of one number, in place. */
export const lowerActivation: Lower<ActivationOp> = (op, lowering) => {
  const {instances} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, 'any');
  const y = outputLike(lowering, op.outputs[0]!, op.inputs[0]!, x);
  if (y.region !== x.region) copyValue(lowering, x, y, instances);
  activate(lowering, y, op.activation, instances);
};

/** A factor and a summand a channel. */
export const lowerAffine: Lower<AffineOp> = (op, lowering) => {
  const {instances, shape} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, shape.length === 1 ? 'flat' : 'any');
  const y = outputLike(lowering, op.outputs[0]!, op.inputs[0]!, x);
  channelwise(lowering, BINARY.multiply, x, y, lowering.constant(op.scale.data), instances);
  channelwise(lowering, BINARY.add, y, y, lowering.constant(op.shift.data), instances);
  activate(lowering, y, op.activation, instances);
};

/** `y = op(x, numbers[channel])`. */
function channelwise(lowering: Lowering, code: number, x: Value, y: Value, numbers: Region, instances: number): void {
  const channels = x.shape.at(-1) ?? 1;
  const inPlanes = x.layout === 'planes';
  const rows = inPlanes ? channels : sizeOf(x.shape) / channels;
  const count = inPlanes ? planeFloats(x) : channels;
  const stride = inPlanes ? planeOf(x) : channels * 4;
  const [step, splats] = inPlanes ? [4, 2] : [0, 0];
  lowering.each(instances, i => {
    const [from, to] = [instanceOf(x, i), instanceOf(y, i)];
    lowering.call('binary', code, from, at(numbers), to, rows, count, stride, step, stride, splats);
  });
}

/** A slope below zero for each element, of a shape that is stretched to the input's. */
export const lowerPrelu: Lower<PreluOp> = (op, lowering) => {
  const {instances, shape} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, shape.length === 1 ? 'flat' : 'any');
  const y = outputLike(lowering, op.outputs[0]!, op.inputs[0]!, x);
  const alpha = lowering.constantValue(op.alpha, x.layout === 'planes' && isPlanar(op.alpha.shape) ? 'planes' : 'flat');
  combine(lowering, BINARY.prelu, x, alpha, y, instances);
};

/** Softmax over the last dimension. */
export const lowerSoftmax: Lower<SoftmaxOp> = (op, lowering) => {
  const {instances, shape} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, 'flat');
  const y = outputLike(lowering, op.outputs[0]!, op.inputs[0]!, x);
  const count = shape.at(-1) ?? 1;
  const rows = sizeOf(shape) / count;
  const log = op.log ? 1 : 0;
  lowering.each(instances, i => {
    lowering.call('softmax', instanceOf(x, i), instanceOf(y, i), rows, count, count * 4, count * 4, log);
  });
};

/** Mean 0 and variance 1 over the last dimensions. */
export const lowerLayerNorm: Lower<LayerNormOp> = (op, lowering) => {
  const {instances, shape} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, 'flat');
  const y = outputLike(lowering, op.outputs[0]!, op.inputs[0]!, x);
  const count = sizeOf(shape.slice(shape.length - op.dimensions));
  const rows = sizeOf(shape) / count;
  const gamma = lowering.constant(op.gamma.data);
  const beta = lowering.constant(op.beta.data);
  lowering.each(instances, i => {
    const [from, to] = [instanceOf(x, i), instanceOf(y, i)];
    lowering.call('layerNorm', from, to, rows, count, count * 4, count * 4, at(gamma), at(beta), op.epsilon);
  });
};
