import {TfmotError} from '../errors.ts';
import {readNamed} from './read-file.ts';

/** Bytes with a shape, the first axis counting the examples. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

/**
 * Reads an IDX file of unsigned bytes, the format of the MNIST database: two zero bytes, the element type, the number
 * of axes, their sizes as big-endian 32-bit integers, then the elements in row-major order.
 *
 * @param path Such as `train-images-idx3-ubyte`, not compressed.
 * @throws TfmotError `file-not-found`, `read-failed`, or `corrupt-file` when the header is not that of an IDX file of
 *     unsigned bytes or the length does not agree with it.
 *
 * @example
 * const {shape, data} = await readIdx('train-images-idx3-ubyte'); // shape [60000, 28, 28]
 */
export async function readIdx(path: string): Promise<IdxArray> {
  const bytes = await readNamed(path);
  const header = new DataView(bytes.buffer);
  const axes = bytes[3] ?? 0;
  const start = 4 + 4 * axes;
  if (bytes.length < start || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== UNSIGNED_BYTE || axes === 0) {
    throw new TfmotError('corrupt-file', `${path} is not an IDX file of unsigned bytes. If it is gzipped, unpack it.`);
  }
  const shape = Array.from({length: axes}, (_, axis) => header.getUint32(4 + 4 * axis));
  const expected = start + shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    throw new TfmotError(
      'corrupt-file',
      `${path} must have ${expected} bytes for the shape [${shape.join(', ')}], but has ${bytes.length}.`,
    );
  }
  return {shape, data: bytes.subarray(start)};
}
