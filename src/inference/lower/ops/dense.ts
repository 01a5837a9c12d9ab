import type {DenseOp} from '../../../graph/ops/dense.ts';
import {sizeOf} from '../../../graph/tensor.ts';
import {columns, flat, planeOf, planes} from '../../value.ts';
import {activateAfter, boundsOf} from '../activate.ts';
import type {Lower, Lowering} from '../lowering.ts';
import type {Product} from '../product.ts';
import {eachImage, eachVector, pixelProduct, vectorProduct, wholeBatch} from '../product.ts';

/** From this many vectors on, a batch is multiplied as one image; the kernels over pixels compute four at a time. */
const MIN_BATCH_AS_PIXELS = 4;

/** A dense layer: over pixels where the input has any, over the batch where it is large, else vector by vector. */
export const lowerDense: Lower<DenseOp> = (op, lowering) => {
  const {shape} = lowering.tensor(op.inputs[0]!);
  if (shape.length > 1) overPixels(op, lowering);
  else if (lowering.instancesOf(op.inputs[0]!) >= MIN_BATCH_AS_PIXELS) overBatch(op, lowering);
  else overVectors(op, lowering);
};

function productOf({kernel, bias}: DenseOp, variant: string, uses: number): Product {
  const matrix = {values: kernel.data, inputs: kernel.shape[0]!, outputs: kernel.shape[1]!};
  return {source: kernel, matrix, bias: bias?.data ?? null, variant, uses};
}

function geometryOf({kernel}: DenseOp, inputStride: number, outputStride: number) {
  return {inputOffsets: Uint32Array.from({length: kernel.shape[0]!}, (_, i) => i * inputStride), outputStride};
}

function overVectors(op: DenseOp, lowering: Lowering): void {
  const [input, output] = [op.inputs[0]!, op.outputs[0]!];
  const {instances} = lowering.tensor(input);
  const x = lowering.read(input, 'flat');
  const y = lowering.write(output, flat(lowering.tensor(output).shape, lowering.instancesOf(output)));
  const placed = vectorProduct(lowering, productOf(op, '', instances));
  eachVector(lowering, placed, x, y, instances, boundsOf(op.activation));
  activateAfter(lowering, y, op.activation, instances);
}

function overBatch(op: DenseOp, lowering: Lowering): void {
  const [input, output] = [op.inputs[0]!, op.outputs[0]!];
  const {instances} = lowering.tensor(input);
  const batch = lowering.instancesOf(input);
  const x = lowering.read(input, 'columns');
  const y = lowering.write(output, columns(lowering.tensor(output).shape, batch));
  const geometry = geometryOf(op, x.strides[0]!, y.strides[0]!);
  const product = productOf(op, `${x.strides[0]} ${y.strides[0]}`, instances);
  const placed = pixelProduct(lowering, product, geometry, batch);
  wholeBatch(lowering, placed, x, y, instances, boundsOf(op.activation));
  activateAfter(lowering, y, op.activation, instances);
}

function overPixels(op: DenseOp, lowering: Lowering): void {
  const [input, output] = [op.inputs[0]!, op.outputs[0]!];
  const {shape, instances} = lowering.tensor(input);
  const pixels = sizeOf(shape.slice(0, -1));
  const x = lowering.read(input, 'planes', true);
  const y = lowering.write(output, planes(lowering.tensor(output).shape, lowering.instancesOf(output)));
  const geometry = geometryOf(op, planeOf(x), planeOf(y));
  const product = productOf(op, `${planeOf(x)} ${planeOf(y)}`, pixels * instances);
  const placed = pixelProduct(lowering, product, geometry, pixels);
  eachImage(lowering, placed, x, y, instances, pixels, boundsOf(op.activation));
  activateAfter(lowering, y, op.activation, instances);
}
