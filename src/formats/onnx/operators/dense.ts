import {LINEAR} from '../../../graph/ops/activation.ts';
import {sizeOf, type Weight} from '../../../graph/tensor.ts';
import {reshaped, transposed} from '../../fold/arrange.ts';
import {outputsLast} from '../../fold/arranged.ts';
import {multiplied} from '../../fold/compute.ts';
import {merged} from '../../fold/elementwise.ts';
import {arrangedWeight, emit, flowing, tensorOf} from '../../fold/site.ts';
import type {Constant, Value} from '../../fold/value.ts';
import {number} from './activation.ts';
import {
  fileInput,
  floatAttribute,
  hasInput,
  intAttribute,
  misfit,
  type NodeCall,
  type NodeImporter,
  plain,
} from './operator.ts';

/** `alpha * A * B + beta * C`, both matrices maybe transposed. */
export const gemm: NodeImporter = call => {
  const [a, b] = [fileInput(call, 0), fileInput(call, 1)];
  if (a.shape.length !== 2 || b.shape.length !== 2) throw misfit(call, `multiplies [${a.shape}] by [${b.shape}].`);
  const [alpha, beta] = [floatAttribute(call, 'alpha', 1), floatAttribute(call, 'beta', 1)];
  const left = intAttribute(call, 'transA', 0) !== 0 ? transposed(call.at, a, [1, 0]) : a;
  const isTransposed = intAttribute(call, 'transB', 0) !== 0;
  const c = hasInput(call, 2) ? fileInput(call, 2) : null;
  if (b.kind === 'constant' && left.kind === 'tensor') {
    const units = b.shape[isTransposed ? 0 : 1]!;
    const bias = biasOf(call, c, units, beta);
    const product = dense(call, left, b, isTransposed, bias, alpha);
    return plain(bias !== null || c === null ? product : merged(call.at, 'add', product, times(call, c, beta)));
  }
  const product = times(call, multiplied(call.at, left, b, false, isTransposed), alpha);
  return plain(c === null ? product : merged(call.at, 'add', product, times(call, c, beta)));
};

function times(call: NodeCall, value: Value, factor: number): Value {
  return factor === 1 ? value : merged(call.at, 'multiply', value, number(factor));
}

/** A constant summand a unit. */
function biasOf(call: NodeCall, c: Value | null, units: number, beta: number): Weight | null {
  if (c?.kind !== 'constant' || (c.shape.at(-1) ?? 1) !== units || sizeOf(c.shape) !== units) return null;
  return arrangedWeight(call.at, c, `vector times ${beta}`, [units], data =>
    beta === 1 ? data : Float32Array.from(data, x => x * beta),
  );
}

/** Matrix product over the last two dimensions, of tensors or by a matrix of weights. */
export const matmul: NodeImporter = call => {
  const [a, b] = [fileInput(call, 0), fileInput(call, 1)];
  if (a.shape.length === 0 || b.shape.length === 0) throw misfit(call, `multiplies [${a.shape}] by [${b.shape}].`);
  // A vector is a row on the left and a column on the right, whose dimension of 1 goes again.
  const left = a.shape.length === 1 ? reshaped(call.at, a, [1, ...a.shape]) : a;
  const right = b.shape.length === 1 ? reshaped(call.at, b, [...b.shape, 1]) : b;
  const product =
    right.kind === 'constant' && right.shape.length === 2 && left.kind === 'tensor'
      ? dense(call, left, right, false, null, 1)
      : multiplied(call.at, left, right, false, false);
  const shape = [...product.shape];
  if (b.shape.length === 1) shape.pop();
  if (a.shape.length === 1) shape.splice(b.shape.length === 1 ? shape.length - 1 : shape.length - 2, 1);
  return plain(reshaped(call.at, product, shape));
};

function dense(
  call: NodeCall,
  value: Value,
  matrix: Constant,
  isTransposed: boolean,
  bias: Weight | null,
  alpha: number,
): Value {
  const [rows, columns] = matrix.shape as [number, number];
  const [inputs, units] = isTransposed ? [columns, rows] : [rows, columns];
  const name = `${isTransposed ? 'transposed' : 'matrix'} times ${alpha}`;
  const kernel = arrangedWeight(call.at, matrix, name, [inputs, units], data => {
    const ordered = isTransposed ? outputsLast(data, units) : data;
    return alpha === 1 ? ordered : Float32Array.from(ordered, x => x * alpha);
  });
  const id = emit(call.at, {type: 'dense', kernel, bias, activation: LINEAR}, [tensorOf(call.at, value)]);
  return flowing(call.at, id, [...value.shape.slice(0, -1), units]);
}
