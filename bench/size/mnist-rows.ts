import {gzipSync} from 'node:zlib';
import {compression, quantization} from 'tfjs-model-optimization';
import type {Split} from '../../examples/mnist/data.ts';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {storedWeights, valuesOf} from '../../src/artifacts/stored-weights.ts';
import {savedAccuracyOf} from './accuracy.ts';
import {genericSizes, plainBytes, zeroOrderBytes} from './generic.ts';
import {keptBytes} from './keep.ts';
import {RECIPES, type Recipe} from './recipes.ts';
import type {Row} from './row.ts';

/** 256 levels cost more bytes than they are worth in accuracy. */
const UINT8_LEVELS = 128;
const CNN = '12 MB MNIST CNN, 90 % per kernel';

/** What a dense model reached, in percent; kept beside the trained models. */
export type DenseAccuracy = Readonly<Record<string, number>>;

/** The network of `npm run demo`: general compression, 8 bits, and `.tfmz`. */
export async function prunedCnnRows(test: Split): Promise<Row[]> {
  const pruned = await compression.decompress(keptBytes('mnist-cnn-90-lossless'));
  const rawBytes = floatBytes(pruned);
  const reference = {accuracy: await savedAccuracyOf(pruned, test), what: 'pruned'};
  const uint8 = await quantization.quantizeWeights(pruned, {dtype: 'uint8', levels: UINT8_LEVELS});
  const gzipFloat = gzipSync(weightsOf(pruned), {level: 9}).length;
  const gzipUint8 = gzipSync(weightsOf(uint8), {level: 9}).length;
  const tfmz = await fileRow('mnist-cnn-90', test);
  const lost = reference.accuracy - tfmz.accuracy!;
  return [
    {
      model: CNN,
      what: 'float32 weights, gzip -9',
      bytes: gzipFloat,
      rawBytes,
      accuracy: reference.accuracy,
      target: '2,000,000',
      met: gzipFloat <= 2_000_000,
    },
    {
      model: CNN,
      what: `uint8 weights of ${UINT8_LEVELS} levels, gzip -9`,
      bytes: gzipUint8,
      rawBytes,
      accuracy: await savedAccuracyOf(uint8, test),
      reference,
      target: '500,000',
      met: gzipUint8 <= 500_000,
    },
    {
      ...tfmz,
      model: CNN,
      reference,
      target: '300,000, at most 0.1 points below',
      met: tfmz.bytes <= 300_000 && lost <= 0.1 + 1e-9,
    },
  ];
}

/** The retrained models, from their files. */
export async function retrainedRows(test: Split, dense: DenseAccuracy): Promise<Row[]> {
  const rows: Row[] = [];
  for (const recipe of RECIPES) {
    const row = await fileRow(recipe.name, test);
    const reference = {accuracy: dense[recipe.name]!, what: 'dense'};
    rows.push({...row, model: recipe.title, reference, ...judge(recipe, row.bytes, row.accuracy!, reference.accuracy)});
  }
  return rows;
}

function judge({target}: Recipe, bytes: number, accuracy: number, dense: number): Pick<Row, 'target' | 'met'> {
  const size = target.bytes.toLocaleString('en-US');
  if (target.error !== undefined) {
    return {target: size, met: bytes <= target.bytes && 100 - accuracy <= target.error + 1e-9};
  }
  const below = target.belowDense!;
  return {
    target: `${size}, at most ${below} points below`,
    met: bytes <= target.bytes && dense - accuracy <= below + 1e-9,
  };
}

async function fileRow(name: string, test: Split): Promise<Row> {
  const file = keptBytes(name);
  const artifacts = await compression.decompress(file);
  return {
    model: name,
    what: '.tfmz, the whole file',
    bytes: file.length,
    rawBytes: floatBytes(artifacts),
    accuracy: await savedAccuracyOf(artifacts, test),
    ...genericSizes(plainBytes(artifacts)),
    overEntropy: file.length / zeroOrderBytes(artifacts),
    target: '',
  };
}

function floatBytes(artifacts: ModelArtifacts): number {
  return storedWeights(artifacts).reduce((sum, weight) => sum + 4 * valuesOf(weight).length, 0);
}

function weightsOf(artifacts: ModelArtifacts): Uint8Array {
  return Buffer.concat(storedWeights(artifacts).map(({bytes}) => bytes));
}
