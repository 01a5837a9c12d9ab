import {Command} from 'commander';
import {compressWithReport} from '../compression/compress.ts';
import type {CompressOptions} from '../compression/options.ts';
import {writeFileAtomic} from '../node/atomic.ts';
import {integer, positive} from './arguments.ts';
import {isCompressed, measure, quoted, readModel} from './model-file.ts';
import {columns, grouped, log, print} from './output.ts';

interface Options {
  readonly bits?: number;
  readonly codebook?: number;
  readonly step?: number | 'auto';
  readonly exclude?: readonly string[];
  readonly all: boolean;
  readonly output: string;
  readonly json: boolean;
}

/** `tfmot compress MODEL -o OUT.tfmz` */
export function compressCommand(): Command {
  return new Command('compress')
    .description('pack a model into one .tfmz file, losslessly unless an option says how to round')
    .argument('<model>', 'a folder with model.json, a model.json, or a .tfmz')
    .requiredOption('-o, --output <file>', 'a file that ends in .tfmz')
    .option('--bits <count>', 'round each kernel to so many bits, 2 to 16', integer(2, 16))
    .option('--codebook <entries>', 'round each kernel to so many values of its own, 2 to 256', integer(2, 256))
    .option('--step <size>', 'round to multiples of a step, or auto for one that suits each kernel', stepOf)
    .option('--exclude <names...>', 'layers or weights to keep bit for bit')
    .option('--all', 'round biases and normalisation weights too', false)
    .option('--json', 'print one JSON object', false)
    .action(compress);
}

async function compress(model: string, options: Options, command: Command): Promise<void> {
  const {output, json} = options;
  if (!isCompressed(output)) command.error(`error: the output must end in .tfmz, but is '${output}'`);
  const artifacts = await readModel(model);
  log('Compressing.');
  const {bytes, weights} = await compressWithReport(artifacts, wayOf(options, command));
  await writeFileAtomic(output, [bytes]);
  const before = await measure(artifacts);
  const rows = weights.map(({name, method, error}) => [
    name,
    method,
    error === undefined ? '' : `${(100 * error.relative).toFixed(3)} %`,
  ]);
  print(
    {
      json: {model, output, before, after: {bytes: bytes.length}, weights},
      lines: [
        ...columns([['weight', 'method', 'error'], ...rows]),
        '',
        ...columns([
          ['', 'before', '', 'after'],
          ['bytes', grouped(before.bytes), '->', grouped(bytes.length)],
          ['against gzip -9', grouped(before.gzipBytes), '->', grouped(bytes.length)],
        ]),
        `${(before.bytes / bytes.length).toFixed(1)} times smaller`,
      ],
      next: `tfmot inspect ${quoted(output)}`,
    },
    json,
  );
}

function wayOf({bits, codebook, step, exclude, all}: Options, command: Command): CompressOptions {
  const ways = [bits, codebook, step].filter(way => way !== undefined);
  if (ways.length > 1) command.error('error: give one of --bits, --codebook and --step');
  if (ways.length === 0) {
    if (exclude !== undefined || all)
      command.error('error: --exclude and --all say what --bits, --codebook or --step round');
    return {};
  }
  const selection = {exclude: exclude ?? [], include: all ? 'all' : 'kernels'} as const;
  if (bits !== undefined) return {...selection, bits};
  if (codebook !== undefined) return {...selection, codebook};
  return {...selection, step: step!};
}

const stepOf = (text: string): number | 'auto' => (text === 'auto' ? text : positive(text));
