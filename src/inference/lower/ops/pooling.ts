import type {Pool2dOp} from '../../../graph/ops/pooling.ts';
import type {ReduceOp} from '../../../graph/ops/reduce.ts';
import {REDUCE} from '../../kernels/index.ts';
import {instanceOf} from '../../program/instruction.ts';
import {flat, isCompact, planeFloats, planeOf, planes} from '../../value.ts';
import type {Lower} from '../lowering.ts';

/** Windows over planes. */
export const lowerPool2d: Lower<Pool2dOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const y = lowering.write(
    op.outputs[0]!,
    planes(lowering.tensor(op.outputs[0]!).shape, lowering.instancesOf(op.outputs[0]!)),
  );
  const {instances} = lowering.tensor(op.inputs[0]!);
  const [height, width, channels] = x.shape as [number, number, number];
  const [outHeight, outWidth] = y.shape as [number, number];
  const code = op.kind === 'max' ? REDUCE.max : REDUCE.mean;
  const {top, left} = op.padding;
  lowering.each(instances, i => {
    lowering.call(
      ...(['pool', code, instanceOf(x, i), instanceOf(y, i)] as const),
      ...([channels, height, width, planeOf(x), x.strides[0]!] as const),
      ...([outHeight, outWidth, planeOf(y), y.strides[0]!] as const),
      ...([...op.size, ...op.strides, top, left] as const),
    );
  });
};

/** One number a plane of an image. */
export const lowerGlobalPool: Lower<ReduceOp> = (op, lowering) => {
  const x = lowering.read(op.inputs[0]!, 'planes');
  const y = lowering.write(
    op.outputs[0]!,
    flat(lowering.tensor(op.outputs[0]!).shape, lowering.instancesOf(op.outputs[0]!)),
  );
  const {instances} = lowering.tensor(op.inputs[0]!);
  const [height, width, channels] = x.shape as [number, number, number];
  const code = op.kind === 'max' ? REDUCE.max : REDUCE.mean;
  const row = x.strides[0]!;
  lowering.each(instances, i => {
    const [from, to] = [instanceOf(x, i), instanceOf(y, i)];
    if (isCompact(x)) lowering.call('reduce', code, from, to, channels, planeFloats(x), planeOf(x), 4);
    else
      lowering.call(
        ...(['pool', code, from, to, channels, height, width, planeOf(x), row] as const),
        ...([1, 1, 4, 4, height, width, 1, 1, 0, 0] as const),
      );
  });
};
