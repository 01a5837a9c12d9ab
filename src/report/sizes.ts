import type {OpenModel} from '../artifacts/open-model.ts';
import type {SizeFact} from './facts.ts';

/** Weights are weighed whole up to so many bytes; beyond, chunks of them are. */
const WHOLE_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

/**
 * Bytes of the weights as they are, and after gzip. More than 8 MB are estimated from chunks evenly spread over them.
 *
 * @param exact Weigh all of them, however many.
 */
export async function packedSizes(model: OpenModel, exact: boolean): Promise<SizeFact[]> {
  const parts = model.weights.map(weight => weight.bytes());
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const raw: SizeFact = {form: 'weights', bytes: total};
  if (total <= WHOLE_BYTES || exact) return [raw, {form: 'weights, gzip', bytes: await gzipBytes(parts)}];
  const share = WHOLE_BYTES / total;
  const chunks = parts.flatMap(part => sampled(part, share));
  const taken = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const packed = Math.round((await gzipBytes(chunks)) * (total / taken));
  return [raw, {form: 'weights, gzip', bytes: packed, estimated: true}];
}

/** Chunks evenly spread over some bytes, a share of them. */
function sampled(part: Uint8Array, share: number): Uint8Array[] {
  const wanted = Math.max(1, Math.round((part.length * share) / CHUNK_BYTES));
  const size = Math.min(CHUNK_BYTES, Math.ceil((part.length * share) / wanted));
  const every = part.length / wanted;
  return Array.from({length: wanted}, (_, i) => part.subarray(Math.floor(i * every), Math.floor(i * every) + size));
}

async function gzipBytes(parts: readonly Uint8Array[]): Promise<number> {
  const stream = new Blob(parts as Uint8Array<ArrayBuffer>[]).stream().pipeThrough(new CompressionStream('gzip'));
  let count = 0;
  const reader = stream.getReader();
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return count;
    count += value.length;
  }
}
