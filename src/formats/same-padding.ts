/** Zeros before and after along one dimension that `same` stands for: the output has `ceil(input / stride)` places. */
export function samePadding(
  input: number,
  size: number,
  dilation: number,
  stride: number,
): readonly [before: number, after: number] {
  const output = Math.ceil(input / stride);
  const total = Math.max(0, (output - 1) * stride + (size - 1) * dilation + 1 - input);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}
