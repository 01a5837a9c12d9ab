import {type Command, Option} from 'commander';
import type {OpenModel} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {quantizeFile} from '../oneshot/quantize-file.ts';
import {quantizeWeights} from '../oneshot/quantize-weights.ts';
import {integer} from './arguments.ts';
import {type Surroundings, type WritingOptions, writingCommand} from './command.ts';
import {beforeAfter, modelFacts} from './facts.ts';
import {keptSummary} from './kept.ts';
import {readModel, writeModel} from './model-file.ts';
import type {Outcome} from './output.ts';
import {checkForm, isTfmz} from './output-path.ts';
import type {Session} from './session.ts';
import {argument, freePath, inspectCommandFor} from './shell.ts';

interface Options extends WritingOptions {
  readonly dtype: 'uint8' | 'uint16' | 'float16';
  readonly levels?: number;
  readonly exclude?: readonly string[];
  readonly all?: boolean;
}

/** `tfmot quantize MODEL --dtype uint8 -o OUT` */
export function quantizeCommand(surroundings: Surroundings): Command {
  const output = {kind: 'either', help: 'a folder, a .tfmz, or a file as the model is', ending: '-quantized'} as const;
  const description =
    "store weights in 8 or 16 bits, in TensorFlow.js' own format; those of a .tflite in 8 bits, in its own";
  return writingCommand<Options>(surroundings, 'quantize', description, output, quantize)
    .addOption(new Option('--dtype <type>', 'how to store').choices(['uint8', 'uint16', 'float16']).default('uint8'))
    .option(
      '--levels <count>',
      'use only so many of the levels of uint8 or uint16; compresses better',
      integer(2, 65_536),
    )
    .option('--exclude <names...>', 'layers or weights to leave as they are')
    .option('--all', 'biases and normalisation weights too');
}

/** Levels in place of numbers have a place in TensorFlow.js' manifest, and in TensorFlow Lite's file. */
function refuseFile(model: string, {file, format}: OpenModel): void {
  if (file === undefined) return;
  const words = ['tfmot', 'compress', argument(model), '--bits', '8', '-o', argument(freePath(model, '.tfmz'))];
  throw new TfmotError(
    'unsupported-model',
    `A model of format ${format} has no place for quantised weights as TensorFlow.js reads them. Make it small as a .tfmz: ${words.join(' ')}`,
  );
}

async function quantize(model: string, options: Options, session: Session): Promise<Outcome> {
  const {dtype, levels, exclude = [], all = false, output} = options;
  const open = await readModel(model, options, session);
  if (open.withLevels !== undefined) return quantizeInFile(model, open, options, session);
  refuseFile(model, open);
  checkForm(output, open);
  const {report, ...quantized} = await quantizeWeights(open, {
    dtype,
    exclude,
    include: all ? 'all' : 'kernels',
    ...(levels !== undefined && {levels}),
  });
  const result = openArtifacts(quantized);
  const [before, after] = [await modelFacts(open, session), await modelFacts(result, session)];
  const wrote = await writeModel(output, result, session);
  const rows = report.quantized.map(({name, error}) => [name, `${(100 * error.relative).toFixed(3)} %`]);
  return {
    json: {model, output, before, after, ...report},
    blocks: [
      ...(rows.length === 0 ? [] : [{head: [`stored as ${dtype}`, 'error'], rows}]),
      `${rows.length === 0 ? `no weight is stored as ${dtype}; ` : ''}kept as they are: ${keptSummary(report.kept)}`,
      '',
      beforeAfter(before, after),
      '',
    ],
    wrote,
    next: isTfmz(output)
      ? inspectCommandFor(wrote)
      : ['tfmot', 'compress', argument(output), '-o', argument(freePath(output, '.tfmz'))],
  };
}

/** The weights of a file in 8 bits, in the file's own format, with a scale a channel. */
async function quantizeInFile(model: string, open: OpenModel, options: Options, session: Session): Promise<Outcome> {
  const {exclude = [], all = false, output} = options;
  if (options.dtype !== 'uint8' || options.levels !== undefined)
    throw new TfmotError(
      'invalid-argument',
      `A model of format ${open.format} stores weights in 8 bits with a scale a channel, and takes no --dtype or --levels.`,
    );
  checkForm(output, open);
  const {model: result, changed, kept} = await quantizeFile(open, {exclude, include: all ? 'all' : 'kernels'});
  const [before, after] = [await modelFacts(open, session), await modelFacts(result, session)];
  const wrote = await writeModel(output, result, session);
  const rows = changed.map(({name, before: {bytes}, after: small}) => [name, `${bytes}`, `${small.bytes}`]);
  return {
    json: {model, output, before, after, changed, kept},
    blocks: [
      ...(rows.length === 0 ? [] : [{head: ['stored as int8', 'bytes before', 'after'], rows}]),
      `${rows.length === 0 ? 'no weight is stored as int8; ' : ''}kept as they are: ${keptSummary(kept)}`,
      '',
      beforeAfter(before, after),
      '',
    ],
    wrote,
    next: inspectCommandFor(wrote),
  };
}
