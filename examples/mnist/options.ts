import {parseArgs} from 'node:util';
import {ARCHITECTURES} from './models.ts';

/** One run of the example, all of it plain data, so that a checkpoint can carry it. */
export interface RunOptions {
  readonly model: string;
  /** Training images of each epoch, in the dense stage and in the pruning stage. */
  readonly images: {readonly dense: number; readonly pruning: number};
  /** Passes over them in each stage. */
  readonly epochs: number;
  /** The share of each prunable kernel that ends up zero. */
  readonly sparsity: number;
  /** Height and width of the blocks that are pruned as one. */
  readonly block: readonly [number, number];
  readonly seed: number;
  /** Folder for the models and the checkpoint. */
  readonly out: string;
  /** A checkpoint is saved whenever so many seconds of training have passed. */
  readonly checkpointSeconds: number;
}

/** What `--help` prints. */
export const USAGE: string = `Trains a classifier of MNIST's digits, prunes it, compresses it, and measures what that brought.

  npm run demo -- [options]

  --model NAME      ${Object.keys(ARCHITECTURES).join(' or ')}  (mnist-cnn)
  --full            train on all 60,000 images, and for longer
  --images N        train on the first N images of each epoch's random order
  --epochs N        passes over the training images, dense and again while pruning
  --sparsity S      share of each kernel to prune, 0 to below 1  (0.9)
  --block H,W       prune blocks of H inputs by W outputs  (1,1)
  --seed N          of weights, data order and dropout  (1)
  --out DIR         where models and checkpoint go  (out/NAME)
  --checkpoint-seconds N  save a checkpoint every N seconds of training  (30)
  --resume DIR      go on from the checkpoint in DIR
  --help
`;

/** What the command line asks for: a run, one to resume, or help. */
export type Command = {readonly run: RunOptions} | {readonly resume: string} | {readonly help: true};

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function parseCommandLine(args: readonly string[]): Command {
  const {values} = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      model: {type: 'string', default: 'mnist-cnn'},
      full: {type: 'boolean', default: false},
      images: {type: 'string'},
      epochs: {type: 'string'},
      sparsity: {type: 'string', default: '0.9'},
      block: {type: 'string', default: '1,1'},
      seed: {type: 'string', default: '1'},
      out: {type: 'string'},
      'checkpoint-seconds': {type: 'string', default: '30'},
      resume: {type: 'string'},
      help: {type: 'boolean', default: false},
    },
  });
  if (values.help) return {help: true};
  if (values.resume !== undefined) {
    if (args.filter(arg => arg.startsWith('--')).length > 1) {
      throw new Error('--resume goes on with the options of the interrupted run: give no others.');
    }
    return {resume: values.resume};
  }
  const architecture = Object.hasOwn(ARCHITECTURES, values.model) ? ARCHITECTURES[values.model] : undefined;
  if (architecture === undefined) {
    throw new Error(`--model must be ${Object.keys(ARCHITECTURES).join(' or ')}, not '${values.model}'.`);
  }
  const {recipe} = architecture;
  const fullEpochs = values.full ? recipe.fullEpochs : recipe.epochs;
  const fullImages = values.full ? {dense: 60_000, pruning: 60_000} : recipe.images;
  const images = values.images === undefined ? undefined : integer('--images', values.images, 1, 60_000);
  return {
    run: {
      model: values.model,
      images: images === undefined ? fullImages : {dense: images, pruning: images},
      epochs: values.epochs === undefined ? fullEpochs : integer('--epochs', values.epochs, 1),
      sparsity: fraction('--sparsity', values.sparsity),
      block: pair('--block', values.block),
      seed: integer('--seed', values.seed, 0),
      out: values.out ?? `out/${values.model}`,
      checkpointSeconds: integer('--checkpoint-seconds', values['checkpoint-seconds'], 0),
    },
  };
}

function integer(name: string, text: string, atLeast: number, atMost: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value) && value >= atLeast && value <= atMost) return value;
  const range = atMost === Number.MAX_SAFE_INTEGER ? `of at least ${atLeast}` : `from ${atLeast} to ${atMost}`;
  throw new Error(`${name} must be a whole number ${range}, not '${text}'.`);
}

function fraction(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  const hint = value >= 1 && value < 100 ? ` Did you mean ${value / 100}?` : '';
  throw new Error(`${name} must be at least 0 and below 1, not '${text}'.${hint}`);
}

function pair(name: string, text: string): readonly [number, number] {
  const [height, width, ...rest] = text.split(',').map(part => integer(name, part, 1));
  if (height === undefined || width === undefined || rest.length > 0) {
    throw new Error(`${name} must be two whole numbers such as 4,1, not '${text}'.`);
  }
  return [height, width];
}
