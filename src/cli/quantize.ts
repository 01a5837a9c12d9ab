import {Command, Option} from 'commander';
import {quantizeWeights} from '../oneshot/quantize-weights.ts';
import {integer} from './arguments.ts';
import {measure, quoted, readModel, writeModel} from './model-file.ts';
import {beforeAfter, columns, print} from './output.ts';

interface Options {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly levels?: number;
  readonly exclude?: readonly string[];
  readonly all: boolean;
  readonly output: string;
  readonly json: boolean;
}

/** `tfmot quantize MODEL --dtype uint8 -o OUT` */
export function quantizeCommand(): Command {
  return new Command('quantize')
    .description("store weights in 8 or 16 bits, in TensorFlow.js' own format; tf.loadLayersModel reads the result")
    .argument('<model>', 'a folder with model.json, a model.json, or a .tfmz')
    .requiredOption('-o, --output <path>', 'a folder, or a file that ends in .tfmz')
    .addOption(new Option('--dtype <type>', 'how to store').choices(['uint8', 'uint16', 'float16']).default('uint8'))
    .option(
      '--levels <count>',
      'use only so many of the levels of uint8 or uint16; compresses better',
      integer(2, 65_536),
    )
    .option('--exclude <names...>', 'layers or weights to leave in float32')
    .option('--all', 'biases and normalisation weights too', false)
    .option('--json', 'print one JSON object', false)
    .action(quantize);
}

async function quantize(model: string, options: Options): Promise<void> {
  const {dtype, levels, exclude = [], all, output, json} = options;
  const artifacts = await readModel(model);
  const {report, ...quantized} = await quantizeWeights(artifacts, {
    dtype,
    exclude,
    include: all ? 'all' : 'kernels',
    ...(levels !== undefined && {levels}),
  });
  await writeModel(output, quantized);
  const [before, after] = [await measure(artifacts), await measure(quantized)];
  const errors = report.quantized.map(({name, error}) => [name, `${(100 * error.relative).toFixed(3)} %`]);
  print(
    {
      json: {model, output, before, after, ...report},
      lines: [...columns([['quantised', 'error'], ...errors]), '', ...beforeAfter(before, after)],
      next: output.endsWith('.tfmz')
        ? `tfmot inspect ${quoted(output)}`
        : `tfmot compress ${quoted(output)} -o model.tfmz`,
    },
    json,
  );
}
