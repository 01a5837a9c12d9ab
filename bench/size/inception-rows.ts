import {compression} from 'tfjs-model-optimization';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {type StoredWeight, storedWeights, valuesOf, withWeights} from '../../src/artifacts/stored-weights.ts';
import {computeMask} from '../../src/masks/mask.ts';
import {inceptionArtifacts} from '../works/inception-v3.ts';
import {genericSizes, plainBytes, zeroOrderBytes} from './generic.ts';
import type {Row} from './row.ts';

/** InceptionV3, pruned once by magnitude without training, at 8 bits. Its accuracy after that is not measured. */
export async function inceptionRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const sparsity of [0.5, 0.875]) {
    const pruned = prunedOnce(inceptionArtifacts() as ModelArtifacts, sparsity);
    const start = performance.now();
    const {bytes, artifacts} = await compression.compressWithReport(pruned, {bits: 8, lambda: 0});
    const compressed = performance.now();
    await compression.decompress(bytes);
    const decompressed = performance.now();
    const generic = genericSizes(plainBytes(artifacts));
    rows.push({
      model: `InceptionV3, one-shot ${100 * sparsity} % zeros`,
      what: '.tfmz, 8 bits',
      bytes: bytes.length,
      rawBytes: storedWeights(artifacts).reduce((sum, weight) => sum + 4 * valuesOf(weight).length, 0),
      ...generic,
      overEntropy: bytes.length / zeroOrderBytes(artifacts),
      seconds: {compress: (compressed - start) / 1000, decompress: (decompressed - compressed) / 1000},
      target: 'below gzip and brotli',
      met: bytes.length <= Math.min(generic.gzip, generic.brotli),
    });
  }
  return rows;
}

function prunedOnce(artifacts: ModelArtifacts, sparsity: number): ModelArtifacts {
  const weights = storedWeights(artifacts).map((weight): StoredWeight => {
    const {quantization: _, ...spec} = weight.spec;
    const values = Float32Array.from(valuesOf(weight));
    if (spec.name.endsWith('/kernel')) {
      const {mask} = computeMask(values, spec.shape, {type: 'element'}, sparsity);
      for (let i = 0; i < values.length; i++) if (mask[i] === 0) values[i] = 0;
    }
    return {spec, bytes: new Uint8Array(values.buffer)};
  });
  return withWeights(artifacts, weights);
}
