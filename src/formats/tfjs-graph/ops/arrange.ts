import {
  expanded,
  gathered,
  joined,
  padded,
  parted,
  reshaped,
  sliced,
  squeezed,
  tiled,
  transposed,
} from '../../fold/arrange.ts';
import {depthToSpace, resized, spaceToDepth} from '../../fold/compute.ts';
import {axisOf, numbersOf, unsupportedNode} from '../../fold/site.ts';
import type {Value} from '../../fold/value.ts';
import {flagOf, intOf, intsOf, wordOf} from '../nodes.ts';
import {checkLayout, inputOf, type NodeCall, type NodeImporter} from './node-call.ts';

function axisIn(call: NodeCall, index: number): number {
  return numbersOf(call, call.inputs[index], 'an axis')[0] ?? 0;
}

const pad = (call: NodeCall, mode: 'constant' | 'reflect' | 'symmetric', value: number): Value => {
  const paddings = numbersOf(call, call.inputs[1], 'paddings');
  const before = paddings.filter((_, i) => i % 2 === 0);
  const after = paddings.filter((_, i) => i % 2 === 1);
  return padded(call, inputOf(call, 0), {before, after, mode, value});
};

const split: NodeImporter = call => {
  const count = intOf(call.node, 'num_split');
  const value = inputOf(call, 1);
  const along = axisOf(call, axisIn(call, 0), value.shape.length);
  return parted(
    call,
    value,
    along,
    Array.from({length: count}, () => value.shape[along]! / count),
  );
};

const splitBySizes: NodeImporter = call => {
  const value = inputOf(call, 0);
  const along = axisOf(call, axisIn(call, 2), value.shape.length);
  const sizes = numbersOf(call, call.inputs[1], 'sizes');
  const rest = value.shape[along]! - sizes.reduce((sum, size) => sum + Math.max(0, size), 0);
  return parted(
    call,
    value,
    along,
    sizes.map(size => (size < 0 ? rest : size)),
  );
};

const slice: NodeImporter = call => {
  const value = inputOf(call, 0);
  const begin = numbersOf(call, call.inputs[1], 'where it begins');
  const sizes = numbersOf(call, call.inputs[2], 'sizes');
  return sliced(
    call,
    value,
    begin,
    sizes.map((size, axis) => (size < 0 ? value.shape[axis]! - begin[axis]! : size)),
    begin.map(() => 1),
  );
};

/** Python's `x[1:, ..., newaxis, 0, ::2]`: one entry an index, each a bit in the masks. */
const stridedSlice: NodeImporter = call => {
  const {node} = call;
  const value = inputOf(call, 0);
  const [starts, ends, steps] = [1, 2, 3].map(i => numbersOf(call, call.inputs[i], 'where it begins and ends'));
  const has = (mask: string, entry: number): boolean => ((intOf(node, mask) >> entry) & 1) === 1;
  const entries = starts!.length;
  const isNew = (entry: number): boolean => has('new_axis_mask', entry);
  const ellipsis = Array.from({length: entries}, (_, entry) => has('ellipsis_mask', entry)).indexOf(true);
  if ([starts, ends, steps].some(list => list!.length !== entries) || steps!.includes(0))
    throw unsupportedNode(call, `slices from [${starts}] to [${ends}] by [${steps}].`);
  const named = Array.from({length: entries}, (_, entry) => entry).filter(entry => entry !== ellipsis && !isNew(entry));
  const hidden = value.shape.length - named.length;
  if (hidden < 0) throw unsupportedNode(call, `slices ${named.length} dimensions of [${value.shape}].`);
  const begin = value.shape.map(() => 0);
  const size = [...value.shape];
  const strides = value.shape.map(() => 1);
  // The shape of the result: dimensions that an index picks one place of are gone, new ones of 1 are there.
  const shape: number[] = [];
  let axis = 0;
  const keep = (count: number): void => {
    for (const end = axis + count; axis < end; axis++) shape.push(size[axis]!);
  };
  for (let entry = 0; entry < entries; entry++) {
    if (entry === ellipsis) keep(hidden);
    else if (isNew(entry)) shape.push(1);
    else {
      const length = value.shape[axis]!;
      const step = steps![entry]!;
      const one = has('shrink_axis_mask', entry);
      const place = (at: number): number => (at < 0 ? at + length : at);
      const inside = (at: number): number =>
        Math.min(Math.max(place(at), step > 0 ? 0 : -1), step > 0 ? length : length - 1);
      const from = has('begin_mask', entry)
        ? step > 0
          ? 0
          : length - 1
        : one
          ? place(starts![entry]!)
          : inside(starts![entry]!);
      const to = has('end_mask', entry) ? (step > 0 ? length : -1) : inside(ends![entry]!);
      begin[axis] = from;
      strides[axis] = one ? 1 : step;
      size[axis] = one ? 1 : Math.max(0, Math.ceil((to - from) / step));
      if (one) axis++;
      else keep(1);
    }
  }
  keep(value.shape.length - axis);
  return reshaped(call, sliced(call, value, begin, size, strides), shape);
};

const resize =
  (interpolation: 'nearest' | 'bilinear'): NodeImporter =>
  call => {
    const [height = 0, width = 0] = numbersOf(call, call.inputs[1], 'an output size');
    return resized(call, inputOf(call, 0), {
      size: [height, width],
      interpolation,
      alignCorners: flagOf(call.node, 'align_corners'),
      halfPixelCenters: flagOf(call.node, 'half_pixel_centers'),
    });
  };

const concat = (call: NodeCall, axisAt: number, parts: readonly Value[]): Value =>
  joined(call, parts, axisIn(call, axisAt));

const gatherNd: NodeImporter = call => {
  const [value, indices] = [inputOf(call, 0), inputOf(call, 1)];
  if (indices.shape.at(-1) !== 1) throw unsupportedNode(call, 'picks by indices of several dimensions.');
  return gathered(call, value, reshaped(call, indices, indices.shape.slice(0, -1)), 0);
};

/** What moves numbers and computes none. */
export const ARRANGE: Readonly<Record<string, NodeImporter>> = {
  BatchToSpaceND: call => {
    throw unsupportedNode(call, 'moves places into the batch, where examples would mix.');
  },
  BroadcastTo: call => {
    const value = inputOf(call, 0);
    const shape = numbersOf(call, call.inputs[1], 'a shape');
    const ahead = Array.from({length: Math.max(0, shape.length - value.shape.length)}, () => 1);
    const whole = reshaped(call, value, [...ahead, ...value.shape]);
    return tiled(
      call,
      whole,
      shape.map((size, axis) => size / whole.shape[axis]!),
    );
  },
  Concat: call => concat(call, 0, call.inputs.slice(1)),
  ConcatV2: call => concat(call, call.inputs.length - 1, call.inputs.slice(0, -1)),
  DepthToSpace: call => {
    checkLayout(call);
    return depthToSpace(call, inputOf(call, 0), intOf(call.node, 'block_size'));
  },
  ExpandDims: call => expanded(call, inputOf(call, 0), [axisIn(call, 1)]),
  Gather: call => gathered(call, inputOf(call, 0), inputOf(call, 1), 0),
  GatherNd: gatherNd,
  GatherV2: call => {
    if (intOf(call.node, 'batch_dims') !== 0) throw unsupportedNode(call, 'picks for each row by itself.');
    return gathered(call, inputOf(call, 0), inputOf(call, 1), axisIn(call, 2));
  },
  MirrorPad: call => pad(call, wordOf(call.node, 'mode') === 'SYMMETRIC' ? 'symmetric' : 'reflect', 0),
  Pack: call => {
    const axis = intOf(call.node, 'axis');
    const parts = call.inputs.map(part => expanded(call, part, [axis]));
    return joined(call, parts, axis);
  },
  Pad: call => pad(call, 'constant', 0),
  PadV2: call => pad(call, 'constant', numbersOf(call, call.inputs[2], 'a value')[0] ?? 0),
  Reshape: call => reshaped(call, inputOf(call, 0), numbersOf(call, call.inputs[1], 'a shape')),
  ResizeBilinear: resize('bilinear'),
  ResizeNearestNeighbor: resize('nearest'),
  Slice: slice,
  SpaceToBatchND: call => {
    throw unsupportedNode(call, 'moves places into the batch, where examples would mix.');
  },
  SpaceToDepth: call => {
    checkLayout(call);
    return spaceToDepth(call, inputOf(call, 0), intOf(call.node, 'block_size'));
  },
  Split: split,
  SplitV: splitBySizes,
  Squeeze: call => {
    const axes = intsOf(call.node, 'squeeze_dims');
    return squeezed(call, inputOf(call, 0), axes.length > 0 ? axes : intsOf(call.node, 'axis'));
  },
  StridedSlice: stridedSlice,
  Tile: call => tiled(call, inputOf(call, 0), numbersOf(call, call.inputs[1], 'how often')),
  Transpose: call => transposed(call, inputOf(call, 0), numbersOf(call, call.inputs[1], 'an order of dimensions')),
  Unpack: call => {
    const value = inputOf(call, 0);
    const along = axisOf(call, intOf(call.node, 'axis'), value.shape.length);
    const parts = parted(
      call,
      value,
      along,
      Array.from({length: value.shape[along]!}, () => 1),
    );
    return parts.map(part => squeezed(call, part, [along]));
  },
};
