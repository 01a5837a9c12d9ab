import {access, readFile} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {type Command, Option} from 'commander';
import type {OpenModel} from '../artifacts/open-model.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {TfmotError} from '../errors.ts';
import {openArtifacts} from '../formats/open-artifacts.ts';
import {writeFileAtomic} from '../node/atomic.ts';
import {cArray} from '../tflite/c-array.ts';
import type {ConvertOptions, FullIntegerOptions} from '../tflite/index.ts';
import {convert} from '../tflite/index.ts';
import {integer} from './arguments.ts';
import {type Surroundings, type WritingOptions, writingCommand} from './command.ts';
import {readModel, sizeOnDisk, writeModel} from './model-file.ts';
import type {Outcome} from './output.ts';
import {isTflite, isTfmz} from './output-path.ts';
import type {Session} from './session.ts';
import {inspectCommandFor} from './shell.ts';
import {grouped} from './text.ts';

interface Options extends WritingOptions {
  readonly weights?: NonNullable<ConvertOptions['weights']>;
  readonly sparsity?: NonNullable<ConvertOptions['sparsity']>;
  readonly fullInteger?: string;
  readonly io?: NonNullable<FullIntegerOptions['io']>;
  readonly method?: NonNullable<FullIntegerOptions['method']>;
  readonly batchSize?: number;
  readonly description?: string;
  readonly cArray?: string;
}

/** `tfmot convert MODEL -o OUT.tflite` */
export function convertCommand(surroundings: Surroundings): Command {
  const output = {
    kind: 'any',
    help: 'a file that ends in .tflite or .tfmz, or a folder for TensorFlow.js',
    ending: '.tflite',
  } as const;
  const description = 'write a model in another format: .tflite for LiteRT, or one of TensorFlow.js';
  return writingCommand<Options>(surroundings, 'convert', description, output, convertModel)
    .addOption(new Option('--weights <type>', 'how to store weights').choices(['float32', 'float16', 'int8']))
    .addOption(new Option('--sparsity <how>', 'where to leave zeros out').choices(['auto', 'size', 'off']))
    .option('--full-integer <data>', 'compute on 8 bits; a file of 32-bit floats, inputs one after another')
    .addOption(new Option('--io <type>', 'with --full-integer: inputs, outputs').choices(['float32', 'uint8', 'int8']))
    .addOption(
      new Option('--method <name>', 'with --full-integer: ranges').choices(['minmax', 'percentile', 'entropy']),
    )
    .option('--batch-size <count>', 'examples computed at once, 1 if not given', integer(1, 65_536))
    .option('--description <text>', 'words that the file keeps about itself')
    .option('--c-array <name>', 'write NAME.h and NAME.cc beside it, for microcontrollers');
}

async function convertModel(model: string, options: Options, session: Session): Promise<Outcome> {
  const {output} = options;
  const open = await readModel(model, options, session);
  refuseUnfinished(open, 'tfmot convert');
  const before = await sizeOnDisk(model);
  if (!isTflite(output)) {
    refuseTfliteOptions(options);
    const wrote = await writeModel(output, isTfmz(output) ? open : asArtifacts(open, output), session);
    return {...outcome(model, output, before.bytes, wrote), next: inspectCommandFor(wrote)};
  }
  const settings = await convertOptions(options);
  const {signal} = session;
  const {cArray: name} = options;
  if (name !== undefined) await refuseToReplace(arrayFiles(new Uint8Array(), output, name), options.force === true);
  const file = await session.stage('converting', () => convert(open, {...settings, signal}));
  const arrays = name === undefined ? [] : arrayFiles(file, output, name);
  signal.throwIfAborted();
  await writeFileAtomic(output, [file]);
  for (const {path, text} of arrays) await writeFileAtomic(path, [text]);
  const notes = arrays.map(({path}) => `wrote ${path}`);
  return outcome(model, output, before.bytes, {path: output, bytes: file.length, files: 1, notes});
}

/** The model as TensorFlow.js loads it. */
function asArtifacts({artifacts, format}: OpenModel, output: string): OpenModel {
  if (artifacts !== undefined) return openArtifacts(artifacts);
  throw new TfmotError(
    'unsupported-model',
    `${output} would be a model of TensorFlow.js, which a ${format} file cannot become. Convert it to .tflite, or keep it as it is in a .tfmz.`,
  );
}

function outcome(model: string, output: string, bytes: number, wrote: NonNullable<Outcome['wrote']>): Outcome {
  return {
    json: {model, output, before: {bytes}, after: {bytes: wrote.bytes}},
    blocks: [
      {head: ['', 'before', '', 'after'], rows: [['bytes on disk', grouped(bytes), '->', grouped(wrote.bytes)]]},
      '',
    ],
    wrote,
  };
}

async function convertOptions(options: Options): Promise<ConvertOptions> {
  const {weights, sparsity, fullInteger, io, method, batchSize, description} = options;
  if (fullInteger === undefined && (io !== undefined || method !== undefined))
    throw new TfmotError(
      'invalid-argument',
      '--io and --method say how to put a model on 8 bits: give --full-integer too.',
    );
  return {
    ...(weights && {weights}),
    ...(sparsity && {sparsity}),
    ...(batchSize !== undefined && {batchSize}),
    ...(description !== undefined && {description}),
    ...(fullInteger !== undefined && {
      fullInteger: {data: await floatsIn(fullInteger), ...(io && {io}), ...(method && {method})},
    }),
  };
}

/** The numbers of a file, as this machine and all others that matter write them: the lowest byte first. */
async function floatsIn(path: string): Promise<Float32Array> {
  const bytes = await readFile(path).catch(cause => {
    throw new TfmotError('read-failed', `Could not read ${path}: ${(cause as Error).message}.`, {cause});
  });
  if (bytes.length > 0 && bytes.length % 4 === 0) return new Float32Array(Uint8Array.from(bytes).buffer);
  throw new TfmotError('invalid-argument', `${path} must hold 32-bit floats, but has ${bytes.length} bytes.`);
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function refuseToReplace(files: readonly {path: string}[], force: boolean): Promise<void> {
  for (const {path} of files) {
    if (force || !(await isThere(path))) continue;
    throw new TfmotError('file-exists', `${path} is there already. Choose another name, or add --force to replace it.`);
  }
}

function refuseTfliteOptions(options: Options): void {
  const names = ['weights', 'sparsity', 'fullInteger', 'io', 'method', 'batchSize', 'description', 'cArray'] as const;
  const given = names.find(name => options[name] !== undefined);
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
  throw new TfmotError('invalid-argument', `--${flag} is about .tflite files, but the output is ${options.output}.`);
}

/** The two files of an array, beside the model. */
function arrayFiles(file: Uint8Array, output: string, name: string): readonly {path: string; text: string}[] {
  const {header, source} = cArray(file, basename(name));
  const path = join(dirname(output), dirname(name), basename(name));
  return [
    {path: `${path}.h`, text: header},
    {path: `${path}.cc`, text: source},
  ];
}
