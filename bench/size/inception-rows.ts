import {compression} from 'tfjs-model-optimization';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {storedWeights, valuesOf} from '../../src/artifacts/stored-weights.ts';
import {openArtifacts} from '../../src/formats/open-artifacts.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {nsfwArtifacts} from '../../testing/nsfwjs.ts';
import {stopwatch} from '../lib/clock.ts';
import {genericSizes, plainBytes, zeroOrderBytes} from './generic.ts';
import type {Row} from './row.ts';

/** InceptionV3, pruned once by magnitude without training, at 8 bits. Its accuracy after that is not measured. */
export async function inceptionRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const sparsity of [0.5, 0.875]) {
    const pruned = await prunedOnce(nsfwArtifacts('inception_v3') as ModelArtifacts, sparsity);
    const lap = stopwatch();
    const {bytes, artifacts} = await compression.compressWithReport(pruned, {bits: 8, lambda: 0});
    const compressMs = lap();
    await compression.decompress(bytes);
    const decompressMs = lap();
    const generic = genericSizes(plainBytes(artifacts));
    rows.push({
      model: `InceptionV3, one-shot ${100 * sparsity} % zeros`,
      what: '.tfmz, 8 bits',
      bytes: bytes.length,
      rawBytes: storedWeights(artifacts).reduce((sum, weight) => sum + 4 * valuesOf(weight).length, 0),
      ...generic,
      overEntropy: bytes.length / zeroOrderBytes(artifacts),
      seconds: {compress: compressMs / 1000, decompress: decompressMs / 1000},
      target: 'below gzip and brotli',
      met: bytes.length <= Math.min(generic.gzip, generic.brotli),
    });
  }
  return rows;
}

/** In float32 first, so that the sizes do not profit from the 8 bits of the published weights. */
async function prunedOnce(artifacts: ModelArtifacts, sparsity: number): Promise<ModelArtifacts> {
  const open = openArtifacts(artifacts);
  const wide = new Map(open.weights.map(({name, values}) => [name, {values: values(), dtype: 'float32'} as const]));
  return (await pruneOneShot(open.withWeights(wide), {sparsity})).model.artifacts;
}
