/** The windows of a 3-D pooling, as TensorFlow.js computes them; a 2-D pooling has a depth of 1. */
export interface PoolWindows {
  readonly batchSize: number;
  readonly inDepth: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outDepth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterDepth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideDepth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padInfo: {readonly front: number; readonly top: number; readonly left: number};
}

/**
 * Where the maximum of every window lies: an index into `x` for every output, the first in depth, row, column order
 * among equals, -1 for a window without any input.
 *
 * @param x `[batch, depth, height, width, channels]`, not changed.
 */
export function maxima(x: Float32Array, windows: PoolWindows): Int32Array {
  const {batchSize, inDepth, inHeight, inWidth, inChannels, outDepth, outHeight, outWidth} = windows;
  const {filterDepth, filterHeight, filterWidth, strideDepth, strideHeight, strideWidth, padInfo} = windows;
  const found = new Int32Array(batchSize * outDepth * outHeight * outWidth * inChannels);
  let out = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let slice = 0; slice < outDepth; slice++) {
      const front = Math.max(0, slice * strideDepth - padInfo.front);
      const back = Math.min(inDepth, slice * strideDepth - padInfo.front + filterDepth);
      for (let row = 0; row < outHeight; row++) {
        const top = Math.max(0, row * strideHeight - padInfo.top);
        const bottom = Math.min(inHeight, row * strideHeight - padInfo.top + filterHeight);
        for (let column = 0; column < outWidth; column++) {
          const left = Math.max(0, column * strideWidth - padInfo.left);
          const right = Math.min(inWidth, column * strideWidth - padInfo.left + filterWidth);
          for (let channel = 0; channel < inChannels; channel++, out++) {
            let at = -1;
            let most = 0;
            for (let z = front; z < back; z++) {
              for (let y = top; y < bottom; y++) {
                let index = (((image * inDepth + z) * inHeight + y) * inWidth + left) * inChannels + channel;
                for (let w = left; w < right; w++, index += inChannels) {
                  const value = x[index]!;
                  if (value > most || at < 0) {
                    most = value;
                    at = index;
                  }
                }
              }
            }
            found[out] = at;
          }
        }
      }
    }
  }
  return found;
}

/** Adds every `dy` to the position its maximum came from; `dx` is cleared first. */
export function scatter(dy: Float32Array, positions: Int32Array, dx: Float32Array): void {
  dx.fill(0);
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]!;
    if (at >= 0) dx[at]! += dy[i]!;
  }
}
