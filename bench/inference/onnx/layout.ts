/** Reorders a tensor's values: axis `i` of the result is axis `axes[i]` of the source. */
export function transpose(values: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const sizes = axes.map(axis => shape[axis]!);
  const steps = axes.map(axis => strides[axis]!);
  const result = new Float32Array(values.length);
  const position = new Array<number>(axes.length).fill(0);
  let source = 0;
  for (let i = 0; i < result.length; ++i) {
    result[i] = values[source]!;
    for (let axis = axes.length - 1; axis >= 0; --axis) {
      source += steps[axis]!;
      if (++position[axis]! < sizes[axis]!) break;
      source -= steps[axis]! * sizes[axis]!;
      position[axis] = 0;
    }
  }
  return result;
}

/** Channels last to channels first, for a batch of images; other ranks are left alone. */
export function channelsFirst(values: Float32Array, shape: readonly number[]): Float32Array {
  return shape.length === 4 ? transpose(values, shape, [0, 3, 1, 2]) : values;
}

/** Channels first to channels last; `shape` is that of the result. */
export function channelsLast(values: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length !== 4) return values;
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return transpose(values, [batch, channels, height, width], [0, 2, 3, 1]);
}
