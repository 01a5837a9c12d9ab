import type {SPARSE_VECTORS} from '../../schema.ts';
import type {Content, Sparsity, Whole} from '../file-model.ts';

/** Sizes along which a constant is compressed: rows of `width` elements. */
export interface Rows {
  readonly width: number;
  /** Elements stored or left out together; divides `width`. */
  readonly block: number;
}

/** Blocks of a constant with an element that is not zero. */
export function countBlocks(content: Content, block: number): number {
  let blocks = 0;
  for (let first = 0; first < content.length; first += block) if (!isZero(content, first, block)) blocks++;
  return blocks;
}

/** Bytes of a constant without its zeros: elements, indices, segments. */
export function bytesCompressed(content: Content, {width, block}: Rows, blocks: number): number {
  const rows = content.length / width;
  return (
    blocks * block * content.BYTES_PER_ELEMENT +
    blocks * BYTES[typeFor(width / block - 1)] +
    (rows + 1) * BYTES[typeFor(blocks)]
  );
}

/** A constant without its zeros: the blocks that are left, and where they lie. */
export function compress<C extends Content>(content: C, {width, block}: Rows): {content: C; sparsity: Sparsity} {
  const blocks = countBlocks(content, block);
  const rows = content.length / width;
  const kept = new (content.constructor as new (length: number) => C)(blocks * block);
  const segments = new Int32Array(rows + 1);
  const indices = new Int32Array(blocks);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (let place = 0; place < width / block; place++) {
      const first = row * width + place * block;
      if (isZero(content, first, block)) continue;
      kept.set(content.subarray(first, first + block) as never, next * block);
      indices[next++] = place;
    }
    segments[row + 1] = next;
  }
  return {content: kept, sparsity: {block, segments: narrow(segments), indices: narrow(indices, width / block - 1)}};
}

const BYTES: Readonly<Record<keyof typeof SPARSE_VECTORS, number>> = {uint8: 1, uint16: 2, int32: 4};

function narrow(values: Int32Array, largest: number = values.at(-1) ?? 0): Whole {
  return {type: typeFor(largest), values};
}

function typeFor(largest: number): keyof typeof SPARSE_VECTORS {
  return largest < 2 ** 8 ? 'uint8' : largest < 2 ** 16 ? 'uint16' : 'int32';
}

/** Whether a block holds zeros alone; of halves, bits that are not the sign say so. */
function isZero(content: Content, first: number, block: number): boolean {
  const bits = content instanceof Uint16Array ? 0x7fff : null;
  for (let i = first; i < first + block; i++) {
    const value = content[i]!;
    if ((bits === null ? value : value & bits) !== 0) return false;
  }
  return true;
}
