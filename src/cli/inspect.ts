import {Command} from 'commander';
import {valuesOf} from '../artifacts/stored-weights.ts';
import {compress} from '../compression/compress.ts';
import {countNonZeros} from '../masks/statistics.ts';
import {type LayerWeight, layerWeights} from './layer-weights.ts';
import {brotliBytes, isCompressed, measure, quoted, readModel} from './model-file.ts';
import {columns, grouped, log, percent, print} from './output.ts';

/** `tfmot inspect MODEL` */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show the weights of a model: how many, how sparse, what can be pruned, how many bytes')
    .argument('<model>', 'a folder with model.json, a model.json, or a .tfmz')
    .option('--json', 'print one JSON object', false)
    .action(inspect);
}

async function inspect(model: string, {json}: {json: boolean}): Promise<void> {
  const artifacts = await readModel(model);
  const weights = layerWeights(artifacts).map(rowOf);
  log('Compressing the weights to see how small they get.');
  const [{parameters, nonZeros, bytes, gzipBytes}, brotli, tfmz] = await Promise.all([
    measure(artifacts),
    brotliBytes(artifacts),
    compress(artifacts),
  ]);
  const sparsest = nonZeros < 0.6 * parameters;
  const next = isCompressed(model)
    ? `tfmot decompress ${quoted(model)} -o OUT`
    : sparsest
      ? `tfmot compress ${quoted(model)} -o model.tfmz`
      : `tfmot prune ${quoted(model)} --sparsity 0.5 -o pruned`;
  print(
    {
      json: {model, parameters, nonZeros, bytes: {raw: bytes, gzip: gzipBytes, brotli, tfmz: tfmz.length}, weights},
      lines: [
        ...columns([
          ['weight', 'layer', 'shape', 'stored as', 'parameters', 'sparsity', 'prunable'],
          ...weights.map(({name, className, shape, dtype, parameters: count, nonZeros: left, notPrunable}) => [
            name,
            className || '?',
            shape.join(' x '),
            dtype,
            grouped(count),
            percent({parameters: count, nonZeros: left}),
            notPrunable === null ? 'yes' : `no: ${notPrunable}`,
          ]),
        ]),
        '',
        `${grouped(parameters)} parameters, ${grouped(nonZeros)} of them not zero (${percent({parameters, nonZeros})} sparse)`,
        '',
        ...columns([
          ['bytes of the weights', ''],
          ['raw', grouped(bytes)],
          ['gzip -9', grouped(gzipBytes)],
          [`brotli -${brotli.level}`, grouped(brotli.bytes)],
          ['.tfmz, lossless, whole model', grouped(tfmz.length)],
        ]),
      ],
      next,
    },
    json,
  );
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
