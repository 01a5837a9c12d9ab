import type {Command} from 'commander';
import {valuesOf} from '../artifacts/stored-weights.ts';
import {compress} from '../compression/compress.ts';
import {countNonZeros} from '../masks/statistics.ts';
import {readingCommand, type Surroundings} from './command.ts';
import {brotliBytes, type Facts, factsOf, sparsityOf} from './facts.ts';
import {type LayerWeight, layerWeights} from './layer-weights.ts';
import {readModel, sizeOnDisk} from './model-file.ts';
import {findModel} from './model-path.ts';
import type {Outcome} from './output.ts';
import type {Session} from './session.ts';
import {argument, freePath} from './shell.ts';
import {grouped} from './text.ts';

/** `tfmot inspect MODEL` */
export function inspectCommand(surroundings: Surroundings): Command {
  const description = 'show the weights of a model: how many, how sparse, what can be pruned, how many bytes';
  return readingCommand(surroundings, 'inspect', description, inspect);
}

async function inspect(model: string, _: unknown, session: Session): Promise<Outcome> {
  const artifacts = await readModel(model, session);
  const weights = layerWeights(artifacts).map(rowOf);
  const tfmz = (await session.stage('compressing', () => compress(artifacts))).length;
  const brotli = await brotliBytes(artifacts, session);
  const facts = await factsOf(artifacts, session);
  const {parameters, nonZeros, bytes, gzipBytes} = facts;
  const onDisk = await sizeOnDisk(model);
  return {
    json: {
      model,
      parameters,
      nonZeros,
      bytes: {onDisk: onDisk.bytes, raw: bytes, gzip: gzipBytes, brotli, tfmz},
      weights,
    },
    blocks: [
      {
        head: ['weight', 'shape', 'stored as', 'parameters', 'sparsity', 'prunable'],
        rows: weights.map(({name, shape, dtype, parameters: count, nonZeros: left, notPrunable}) => [
          name,
          shape.join(' x '),
          dtype,
          grouped(count),
          sparsityOf({parameters: count, nonZeros: left}),
          notPrunable === null ? 'yes' : `no: ${notPrunable}`,
        ]),
      },
      '',
      `${grouped(parameters)} parameters, ${grouped(nonZeros)} of them not zero (${sparsityOf(facts)} sparse)`,
      '',
      {
        head: ['bytes', ''],
        rows: [
          ['on disk', grouped(onDisk.bytes)],
          ['weights', grouped(bytes)],
          ['weights, gzip -9', grouped(gzipBytes)],
          [`weights, brotli -${brotli.level}`, grouped(brotli.bytes)],
          ['whole model as lossless .tfmz', grouped(tfmz)],
        ],
      },
    ],
    next: await nextOf(model, facts),
  };
}

async function nextOf(model: string, {parameters, nonZeros}: Facts): Promise<string[]> {
  const words = (name: string, ...options: readonly string[]): string[] => ['tfmot', name, argument(model), ...options];
  if ((await findModel(model)).kind === 'tfmz') return words('decompress', '-o', argument(freePath(model, '')));
  if (nonZeros < 0.6 * parameters) return words('compress', '-o', argument(freePath(model, '.tfmz')));
  return words('prune', '--sparsity', '0.5', '-o', argument(freePath(model, '-pruned')));
}

function rowOf(weight: LayerWeight): {
  name: string;
  className: string;
  shape: readonly number[];
  dtype: string;
  parameters: number;
  nonZeros: number;
  notPrunable: string | null;
} {
  const {spec, className, notPrunable} = weight;
  const values = valuesOf(weight);
  return {
    name: spec.name,
    className,
    shape: spec.shape,
    dtype: spec.quantization?.dtype ?? spec.dtype,
    parameters: values.length,
    nonZeros: countNonZeros(values),
    notPrunable,
  };
}
