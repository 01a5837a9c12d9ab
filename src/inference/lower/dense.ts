import type {DenseOp} from '../../graph/ops/dense.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {chooseFormat, countFormats} from '../choose.ts';
import type {WeightMatrix} from '../kernels/index.ts';
import {packPixels, packVector} from '../kernels/index.ts';
import {columns, flat, planeOf, planes} from '../value.ts';
import {activateAfter, boundsOf} from './activate.ts';
import type {Lower, Lowering} from './lowering.ts';

/** A dense layer: over pixels where the input has any or the batch is large, else vector by vector. */
export const lowerDense: Lower<DenseOp> = (op, lowering) => {
  const {shape} = lowering.tensor(op.inputs[0]!);
  if (shape.length > 1) return overPixels(op, lowering);
  return lowering.instancesOf(op.inputs[0]!) > 1 ? overBatch(op, lowering) : overVectors(op, lowering);
};

function matrixOf({kernel}: DenseOp): WeightMatrix {
  return {values: kernel.data, inputs: kernel.shape[0]!, outputs: kernel.shape[1]!};
}

function offsets(inputs: number, stride: number): Uint32Array {
  return Uint32Array.from({length: inputs}, (_, i) => i * stride);
}

function overVectors(op: DenseOp, lowering: Lowering): void {
  const matrix = matrixOf(op);
  const {instances} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, 'flat');
  const y = lowering.write(op.outputs[0]!, flat([matrix.outputs], lowering.instancesOf(op.inputs[0]!)));
  const pack = () => packVector(chooseFormat(countFormats(matrix), 'vector'), matrix, op.bias?.data);
  const {region, packed} = lowering.weights({data: op.kernel.data, variant: 'vector', uses: instances}, pack);
  const {kernel} = packed;
  const {low, high} = boundsOf(op.activation);
  lowering.run(kernel, ({kernels}, examples) => {
    for (let i = 0; i < examples * instances; i++)
      kernels[kernel](region.offset, x.region.offset + i * x.instance, y.region.offset + i * y.instance, low, high);
  });
  activateAfter(lowering, y, op.activation, instances);
}

function overBatch(op: DenseOp, lowering: Lowering): void {
  const matrix = matrixOf(op);
  const {instances} = lowering.tensor(op.inputs[0]!);
  const x = lowering.read(op.inputs[0]!, 'columns');
  const y = lowering.write(op.outputs[0]!, columns([matrix.outputs], lowering.instancesOf(op.inputs[0]!)));
  const geometry = {inputOffsets: offsets(matrix.inputs, x.strides[0]!), outputStride: y.strides[0]!};
  const pack = () => packPixels(pixelFormat(matrix), matrix, op.bias?.data, geometry);
  const {region, packed} = lowering.weights(
    {data: op.kernel.data, variant: `columns ${x.strides[0]} ${y.strides[0]}`, uses: instances},
    pack,
  );
  const {kernel} = packed;
  const {low, high} = boundsOf(op.activation);
  lowering.run(kernel, ({kernels}, examples) => {
    kernels[kernel](region.offset, x.region.offset, y.region.offset, examples * instances, low, high);
  });
  activateAfter(lowering, y, op.activation, instances);
}

function overPixels(op: DenseOp, lowering: Lowering): void {
  const matrix = matrixOf(op);
  const {shape, instances} = lowering.tensor(op.inputs[0]!);
  const pixels = sizeOf(shape.slice(0, -1));
  const x = lowering.read(op.inputs[0]!, 'planes', true);
  const outShape = lowering.tensor(op.outputs[0]!).shape;
  const y = lowering.write(op.outputs[0]!, planes(outShape, lowering.instancesOf(op.inputs[0]!)));
  const geometry = {inputOffsets: offsets(matrix.inputs, planeOf(x)), outputStride: planeOf(y)};
  const pack = () => packPixels(pixelFormat(matrix), matrix, op.bias?.data, geometry);
  const {region, packed} = lowering.weights(
    {data: op.kernel.data, variant: `planes ${planeOf(x)} ${planeOf(y)}`, uses: pixels * instances},
    pack,
  );
  const {kernel} = packed;
  const {low, high} = boundsOf(op.activation);
  lowering.run(kernel, ({kernels}, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      const from = x.region.offset + i * x.instance;
      kernels[kernel](region.offset, from, y.region.offset + i * y.instance, pixels, low, high);
    }
  });
  activateAfter(lowering, y, op.activation, instances);
}

/** The format for kernels over pixels, which have no blocks of inputs. */
export function pixelFormat(matrix: WeightMatrix): 'csr' | 'block' | 'dense' {
  return chooseFormat(countFormats(matrix), 'pixels') as 'csr' | 'block' | 'dense';
}
