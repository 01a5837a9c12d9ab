import type {Shape} from '../../graph/tensor.ts';
import type {Value} from '../value.ts';
import {flat, planeFloats, planeOf, rowMajor} from '../value.ts';
import {floatsOf} from './activate.ts';
import {copyBox} from './copy.ts';
import type {Lowering} from './lowering.ts';

/**
 * A value stretched to a larger shape, in graph order; itself where it has that shape already.
 *
 * @param copies Instances in the stretched value's room; `instances` those of an example. A constant's `instance` is 0.
 */
export function stretched(lowering: Lowering, value: Value, shape: Shape, copies: number, instances: number): Value {
  if (value.shape.length === shape.length && value.shape.every((size, i) => size === shape[i])) return value;
  const {bytes, ...arrangement} = flat(shape, copies);
  const wide: Value = {
    ...arrangement,
    instance: copies === 1 ? 0 : arrangement.instance,
    region: lowering.scratch(bytes),
  };
  const lacking = shape.length - value.shape.length;
  const strides = shape.map((_, i) => {
    const own = i - lacking;
    return own < 0 || value.shape[own] === 1 ? 0 : value.strides[own]!;
  });
  const from = {start: 0, strides};
  const to = {start: 0, strides: rowMajor(shape, 4)};
  const run = copyBox(shape, value, wide, from, to, copies === 1 ? 1 : instances);
  lowering.run('copy', copies === 1 ? machine => run(machine, 1) : run);
  return wide;
}

/** `y = op(a, b)` element by element for values of one shape and layout, whose rows may have different gaps. */
export function combine(lowering: Lowering, code: number, a: Value, b: Value, y: Value, instances: number): void {
  const inPlanes = y.layout === 'planes';
  const sameRows = a.strides[0] === b.strides[0] && a.strides[0] === y.strides[0];
  const channels = inPlanes ? y.shape.at(-1)! : 1;
  const [height, width] = y.shape as [number, number];
  const strides = (value: Value): number => (inPlanes ? planeOf(value) : 0);
  const count = inPlanes ? planeFloats(y) : floatsOf(y);
  lowering.run('binary', ({kernels}, examples) => {
    for (let i = 0; i < examples * instances; i++) {
      const p = a.region.offset + i * a.instance;
      const q = b.region.offset + i * b.instance;
      const r = y.region.offset + i * y.instance;
      if (!inPlanes || y.shape.length !== 3 || sameRows) {
        kernels.binary(code, p, q, r, channels, count, strides(a), strides(b), strides(y), 0);
        continue;
      }
      for (let c = 0; c < channels; c++) {
        const [pc, qc, rc] = [p + c * planeOf(a), q + c * planeOf(b), r + c * planeOf(y)];
        kernels.binary(code, pc, qc, rc, height, width, a.strides[0]!, b.strides[0]!, y.strides[0]!, 0);
      }
    }
  });
}
