import {Command} from 'commander';
import {factsOf} from '../artifacts/facts.ts';
import type {NamedWeight} from '../artifacts/open-model.ts';
import {PRUNED_ROLES} from '../artifacts/roles.ts';
import {reasonToKeep} from '../artifacts/selection.ts';
import {compress} from '../compression/compress.ts';
import {openArtifacts} from '../formats/keras/open-artifacts.ts';
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
  const weights = openArtifacts(artifacts).weights.map(rowOf);
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

function rowOf(weight: NamedWeight): {
  name: string;
  layer: string;
  className: string;
  role: string;
  shape: readonly number[];
  dtype: string;
  parameters: number;
  nonZeros: number;
  notPrunable: string | null;
} {
  const {name, shape, uses} = weight;
  const {dtype, elements, nonZeros} = factsOf(weight);
  return {
    name,
    layer: uses[0]?.layer ?? '',
    className: uses[0]?.className ?? '',
    role: uses[0]?.role ?? '',
    shape,
    dtype,
    parameters: elements,
    nonZeros,
    notPrunable: reasonToKeep(weight, PRUNED_ROLES),
  };
}
