import type {Command} from 'commander';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {compressWithReport} from '../compression/compress.ts';
import type {CompressOptions} from '../compression/options.ts';
import {TfmotError} from '../errors.ts';
import {integer, positive} from './arguments.ts';
import {type Surroundings, type WritingOptions, writingCommand} from './command.ts';
import {modelFacts} from './facts.ts';
import {keptSummary} from './kept.ts';
import {readModel, sizeOnDisk, writeFile} from './model-file.ts';
import type {Outcome} from './output.ts';
import type {Session} from './session.ts';
import {inspectCommandFor} from './shell.ts';
import {type Block, grouped} from './text.ts';

interface Options extends WritingOptions {
  readonly bits?: number;
  readonly codebook?: number;
  readonly step?: number | 'auto';
  readonly exclude?: readonly string[];
  readonly all?: boolean;
}

/** `tfmot compress MODEL -o OUT.tfmz` */
export function compressCommand(surroundings: Surroundings): Command {
  const output = {kind: 'tfmz', help: 'a file that ends in .tfmz', ending: '.tfmz'} as const;
  const description = 'pack a model into one .tfmz file, losslessly unless an option says how to round';
  return writingCommand<Options>(surroundings, 'compress', description, output, compress)
    .option('--bits <count>', 'round each kernel to so many bits, 2 to 16', integer(2, 16))
    .option('--codebook <entries>', 'round each kernel to so many values of its own, 2 to 256', integer(2, 256))
    .option('--step <size>', 'round to multiples of a step, or auto for one that suits each kernel', stepOf)
    .option('--exclude <names...>', 'layers or weights to keep bit for bit')
    .option('--all', 'round biases and normalisation weights too');
}

async function compress(model: string, options: Options, session: Session): Promise<Outcome> {
  const {output} = options;
  const way = wayOf(options);
  const open = await readModel(model, options, session);
  refuseUnfinished(open, 'tfmot compress');
  const file = await session.stage('compressing', pace => compressWithReport(open, {...way, ...pace}));
  const before = await modelFacts(open, session);
  const onDisk = await sizeOnDisk(model);
  const wrote = await writeFile(output, file, session);
  const {bytes, weights} = file;
  const kept = weights.flatMap(({name, reason}) => (reason === undefined ? [] : [{name, reason}]));
  const rounded = weights.filter(({error}) => error !== undefined);
  return {
    json: {model, output, before, after: {bytes: bytes.length}, weights},
    blocks: [
      ...roundedBlocks(rounded, kept),
      '',
      {
        head: ['', 'before', '', 'after'],
        rows: [
          ['bytes on disk', grouped(onDisk.bytes), '->', grouped(wrote.bytes)],
          ['against gzip -9', grouped(before.gzipBytes), '->', grouped(wrote.bytes)],
        ],
      },
      `${(onDisk.bytes / wrote.bytes).toFixed(1)} times smaller`,
      '',
    ],
    wrote,
    next: inspectCommandFor(wrote),
  };
}

function roundedBlocks(
  rounded: Awaited<ReturnType<typeof compressWithReport>>['weights'],
  kept: Parameters<typeof keptSummary>[0],
): Block[] {
  if (rounded.length === 0 && kept.every(({reason}) => reason === 'lossless')) {
    return ['Every weight will come back bit for bit.'];
  }
  const rows = rounded.map(({name, method, error}) => [name, method, `${(100 * error!.relative).toFixed(3)} %`]);
  return [{head: ['rounded', 'method', 'error'], rows}, `kept bit for bit: ${keptSummary(kept)}`];
}

function wayOf({bits, codebook, step, exclude, all = false}: Options): CompressOptions {
  const ways = [bits, codebook, step].filter(way => way !== undefined);
  if (ways.length > 1) throw new TfmotError('invalid-argument', 'Give one of --bits, --codebook and --step.');
  if (ways.length === 0) {
    if (exclude === undefined && !all) return {};
    throw new TfmotError(
      'invalid-argument',
      '--exclude and --all say what --bits, --codebook or --step round: give one of those too.',
    );
  }
  const selection = {exclude: exclude ?? [], include: all ? 'all' : 'kernels'} as const;
  if (bits !== undefined) return {...selection, bits};
  if (codebook !== undefined) return {...selection, codebook};
  return {...selection, step: step!};
}

const stepOf = (text: string): number | 'auto' => (text === 'auto' ? text : positive(text));
