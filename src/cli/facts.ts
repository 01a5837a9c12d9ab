import {Readable, Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {constants, createBrotliCompress, createGzip} from 'node:zlib';
import {factsOf} from '../artifacts/facts.ts';
import type {OpenModel} from '../artifacts/open-model.ts';
import type {PaceOptions} from '../pace.ts';
import type {Session} from './session.ts';
import {grouped, type Table} from './text.ts';

/** How large a model's weights are, and how many there are. */
export interface ModelFacts {
  readonly parameters: number;
  readonly nonZeros: number;
  /** Bytes of the weights as they are stored, and after `gzip -9`. */
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** Counts and weighs the weights of a model. */
export async function modelFacts(model: OpenModel, session: Session): Promise<ModelFacts> {
  let parameters = 0;
  let nonZeros = 0;
  for (const weight of model.weights) {
    const facts = factsOf(weight);
    parameters += facts.elements;
    nonZeros += facts.nonZeros;
  }
  const all = bytesOf(model);
  const gzipBytes = await session.stage('gzip', pace => packedBytes(all, createGzip({level: 9}), pace));
  return {parameters, nonZeros, bytes: all.length, gzipBytes};
}

/** Larger models get brotli's level 9: level 11 takes half a minute for 12 MB. */
const BROTLI_11_BYTES = 4 * 1024 * 1024;

/** Bytes of the weights after brotli and the level used. */
export async function brotliBytes(
  model: OpenModel,
  session: Session,
): Promise<{readonly level: number; readonly bytes: number}> {
  const all = bytesOf(model);
  const level = all.length <= BROTLI_11_BYTES ? 11 : 9;
  const params = {[constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: all.length};
  const bytes = await session.stage('brotli', pace => packedBytes(all, createBrotliCompress({params}), pace));
  return {level, bytes};
}

/** What changed: non-zeros and bytes, before and after. */
export function beforeAfter(before: ModelFacts, after: ModelFacts): Table {
  return {
    head: ['', 'before', '', 'after'],
    rows: [
      ['non-zeros', grouped(before.nonZeros), '->', grouped(after.nonZeros)],
      ['sparsity', sparsityOf(before), '->', sparsityOf(after)],
      ['bytes of the weights', grouped(before.bytes), '->', grouped(after.bytes)],
      ['after gzip -9', grouped(before.gzipBytes), '->', grouped(after.gzipBytes)],
    ],
  };
}

/** The share of zeros as a percentage with two decimals. */
export const sparsityOf = ({parameters, nonZeros}: Pick<ModelFacts, 'parameters' | 'nonZeros'>): string =>
  `${(parameters === 0 ? 0 : 100 * (1 - nonZeros / parameters)).toFixed(2)} %`;

const bytesOf = ({weights}: OpenModel): Buffer => Buffer.concat(weights.map(({bytes}) => bytes()));

const CHUNK_BYTES = 256 * 1024;

/** How many bytes are left of some after a compressor. */
async function packedBytes(
  all: Buffer,
  packer: NodeJS.ReadWriteStream,
  {signal, onProgress}: Required<PaceOptions>,
): Promise<number> {
  function* chunks(): Generator<Buffer> {
    for (let at = 0; at < all.length; at += CHUNK_BYTES) {
      onProgress({done: at, total: all.length});
      yield all.subarray(at, at + CHUNK_BYTES);
    }
  }
  let packed = 0;
  const count = new Writable({
    write: (chunk: Buffer, _, done) => {
      packed += chunk.length;
      done();
    },
  });
  await pipeline(Readable.from(chunks()), packer, count, {signal});
  return packed;
}
