import {show} from '../../../show.ts';
import {expanded, joined, parted, reshaped, sliced, squeezed, transposed} from '../../fold/arrange.ts';
import {depthToSpace, spaceToDepth} from '../../fold/compute.ts';
import {axisOf} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {isRecord, unsupported} from '../config.ts';
import type {OperationCall} from './call.ts';
import type {Operation} from './operation.ts';

/** An axis of each example. @throws TfmotError `unsupported-layer` for that of the batch. */
export function innerAxisOf({at, layer}: OperationCall, axis: number, rank: number): number {
  const index = axisOf(at, axis, rank);
  if (index === 0) throw unsupported(layer, 'works across the batch, which inference cannot: examples must not mix.');
  return index;
}

const reshape: Operation = call => {
  const value = call.value(0, 'x', 'tensor');
  const [batch, ...sizes] = call.whole(1, 'newshape', 'shape') ?? [];
  if (batch !== -1 || sizes.includes(-1))
    throw unsupported(
      call.layer,
      `must leave the batch alone: a shape [-1, ...] of known sizes, not [${[batch, ...sizes]}].`,
    );
  return reshaped(call.at, value, [1, ...sizes]);
};

const transpose: Operation = call => {
  const value = call.value(0, 'x', 'a');
  const order = call.whole(1, 'axes', 'perm') ?? value.shape.map((_, axis) => value.shape.length - 1 - axis);
  if (order[0] !== 0) throw unsupported(call.layer, 'moves the batch, which inference cannot.');
  return transposed(call.at, value, order);
};

const squeeze: Operation = call => {
  const value = call.value(0, 'x', 'input');
  const axes = call.whole(1, 'axis');
  if (axes === undefined) throw unsupported(call.layer, 'must say which axes it takes out.');
  return squeezed(
    call.at,
    value,
    axes.map(axis => innerAxisOf(call, axis, value.shape.length)),
  );
};

const expandDims: Operation = call => {
  const value = call.value(0, 'x', 'input');
  const axes = call.whole(1, 'axis') ?? [];
  const rank = value.shape.length + axes.length;
  return expanded(
    call.at,
    value,
    axes.map(axis => innerAxisOf(call, axis, rank)),
  );
};

const concatenate: Operation = call => {
  const values = call.values(0, 'xs', 'values');
  const [axis = -1] = call.whole(1, 'axis') ?? [];
  return joined(call.at, values, innerAxisOf(call, axis, values[0]?.shape.length ?? 1));
};

const stack: Operation = call => {
  const values = call.values(0, 'x', 'values');
  const [axis = 0] = call.whole(1, 'axis') ?? [];
  const along = innerAxisOf(call, axis, (values[0]?.shape.length ?? 0) + 1);
  return joined(
    call.at,
    values.map(value => expanded(call.at, value, [along])),
    along,
  );
};

const split: Operation = call => {
  const value = call.value(0, 'x', 'value');
  const sections = call.whole(1, 'indicesOrSections', 'numOrSizeSplits');
  const [axis = 0] = call.whole(2, 'axis') ?? [];
  const along = innerAxisOf(call, axis, value.shape.length);
  const [count = 0] = sections ?? [];
  if (sections?.length !== 1 || !(count > 0) || value.shape[along]! % count !== 0)
    throw unsupported(call.layer, 'must split into a number of equal parts.');
  return parted(call.at, value, along, new Array<number>(count).fill(value.shape[along]! / count));
};

/** `x[:, 1:5, ::2, 3]`: a slice, a place or a new dimension for each axis; the batch stays whole. */
const getItem: Operation = call => {
  const value = call.value(0, 'x', 'tensor');
  const spec = call.given(1, 'key', 'sliceSpec');
  const parts: readonly unknown[] = Array.isArray(spec) ? spec : [spec];
  const rank = value.shape.length;
  const [begin, size, strides] = [value.shape.map(() => 0), [...value.shape], value.shape.map(() => 1)];
  const result: number[] = [];
  let axis = 0;
  for (const part of parts) {
    if (part === null) {
      result.push(1);
      continue;
    }
    const slice = sliceOf(part);
    const length = value.shape[axis];
    if (slice === null || length === undefined)
      throw unsupported(call.layer, `picks ${show(part)}, which is not supported.`);
    if (axis === 0 && (typeof slice === 'number' || slice.some(bound => bound !== null)))
      throw unsupported(call.layer, 'picks examples of a batch, which inference cannot.');
    const [start, stop, step] = typeof slice === 'number' ? [slice, slice + 1 || null, 1] : slice;
    strides[axis] = step ?? 1;
    if (strides[axis]! < 1) throw unsupported(call.layer, 'turns the order of what is computed.');
    const bound = (index: number): number => Math.min(length, Math.max(0, index < 0 ? index + length : index));
    begin[axis] = bound(start ?? 0);
    size[axis] = Math.max(0, Math.ceil((bound(stop ?? length) - begin[axis]!) / strides[axis]!));
    if (size[axis] === 0) throw unsupported(call.layer, 'picks nothing.');
    if (typeof slice !== 'number') result.push(size[axis]!);
    axis++;
  }
  if (result[0] !== 1 || axis === 0) throw unsupported(call.layer, 'must leave the batch alone.');
  const picked = sliced(call.at, value, begin, size, strides);
  return reshaped(call.at, picked, [...result, ...value.shape.slice(axis, rank)]);
};

type Slice = readonly [start: number | null, stop: number | null, step: number | null];

function sliceOf(part: unknown): Slice | number | null {
  if (Number.isSafeInteger(part)) return part as number;
  const bounds = isRecord(part) && part['className'] === '__slice__' ? part['config'] : part;
  if (!isRecord(bounds) || !('start' in bounds)) return null;
  const slice = [bounds['start'], bounds['stop'], bounds['step']].map(bound => bound ?? null);
  return slice.every(bound => bound === null || Number.isSafeInteger(bound)) ? (slice as unknown as Slice) : null;
}

const blocks =
  (of: (at: OperationCall['at'], value: Value, block: number) => Value): Operation =>
  call => {
    const value = call.value(0, 'input', 'x');
    const [block = 0] = call.whole(1, 'blockSize') ?? [];
    const format = call.given(2, 'dataFormat');
    if (block < 1 || (format !== undefined && format !== 'NHWC' && format !== 'channels_last'))
      throw unsupported(call.layer, 'must have a block size, and channels last.');
    return of(call.at, value, block);
  };

/** Operations that move numbers, by what Keras 2 and 3 call them; see `operationWord`. */
export const ARRANGE_OPERATIONS: Readonly<Record<string, Operation>> = {
  concat: concatenate,
  concatenate,
  depthtospace: blocks(depthToSpace),
  expanddims: expandDims,
  getitem: getItem,
  reshape,
  spacetodepth: blocks(spaceToDepth),
  split,
  squeeze,
  stack,
  transpose,
};
