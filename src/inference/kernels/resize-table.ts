import {RESIZE_ENTRY} from './contract.generated.ts';

/** Where the pixels of an image at another size lie in the old one. */
export interface ResizeMode {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

/**
 * The table that `resize` reads along one dimension: for each output pixel the byte offsets of the two input pixels
 * that it lies between, and the fraction of the way. In 32-bit floats all through, as TensorFlow computes it, so that
 * pixels at a boundary fall on the same side.
 *
 * @param input Pixels along the dimension.
 * @param output Pixels at the new size.
 * @param stride Bytes from pixel to pixel of the input.
 */
export function resizeTable(input: number, output: number, stride: number, mode: ResizeMode): Float32Array {
  const {fround, floor, min, max} = Math;
  const entry = RESIZE_ENTRY.bytes / 4;
  const table = new Float32Array(output * entry);
  const offsets = new Uint32Array(table.buffer);
  const corners = mode.alignCorners && output > 1;
  const scale = corners ? fround((input - 1) / (output - 1)) : fround(input / output);
  for (let i = 0; i < output; i++) {
    const place = fround((mode.halfPixelCenters ? i + 0.5 : i) * scale);
    if (mode.interpolation === 'nearest') {
      const pixel = min(input - 1, corners ? Math.round(place) : floor(place));
      offsets[i * entry + RESIZE_ENTRY.first] = pixel * stride;
      offsets[i * entry + RESIZE_ENTRY.second] = pixel * stride;
    } else {
      const at = mode.halfPixelCenters ? fround(place - 0.5) : place;
      const before = floor(at);
      const first = max(0, min(input - 1, before));
      const second = max(0, min(input - 1, before + 1));
      offsets[i * entry + RESIZE_ENTRY.first] = first * stride;
      offsets[i * entry + RESIZE_ENTRY.second] = second * stride;
      table[i * entry + RESIZE_ENTRY.fraction] = first === second ? 0 : at - before;
    }
  }
  return table;
}
