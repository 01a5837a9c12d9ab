import type {Shape} from '../../graph/tensor.ts';
import {along, at, instanceOf} from '../program/instruction.ts';
import type {Value} from '../value.ts';
import {flat, planeFloats, planeOf, rowMajor} from '../value.ts';
import {floatsOf} from './activate.ts';
import {copyBox, copyInstances} from './copy.ts';
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
  if (copies === 1) copyBox(lowering, shape, at(value.region), at(wide.region), strides, rowMajor(shape, 4));
  else
    copyInstances(
      lowering,
      shape,
      value,
      wide,
      {start: 0, strides},
      {start: 0, strides: rowMajor(shape, 4)},
      instances,
    );
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
  const apart = inPlanes && y.shape.length === 3 && !sameRows;
  lowering.each(instances, i => {
    const [p, q, r] = [instanceOf(a, i), instanceOf(b, i), instanceOf(y, i)];
    if (!apart) lowering.call('binary', code, p, q, r, channels, count, strides(a), strides(b), strides(y), 0);
    else
      lowering.loop(channels, c => {
        const [pc, qc, rc] = [along(p, c, planeOf(a)), along(q, c, planeOf(b)), along(r, c, planeOf(y))];
        const rows = [height, width, a.strides[0]!, b.strides[0]!, y.strides[0]!] as const;
        lowering.call('binary', code, pc, qc, rc, ...rows, 0);
      });
  });
}
