import {Command} from 'commander';
import {openArtifacts} from '../formats/keras/open-artifacts.ts';
import {pruneOneShot} from '../oneshot/prune.ts';
import {mByN, pair, sparsity} from './arguments.ts';
import {measure, quoted, readModel, writeModel} from './model-file.ts';
import {beforeAfter, print} from './output.ts';

interface Options {
  readonly sparsity?: number;
  readonly block?: readonly [number, number];
  readonly mByN?: readonly [number, number];
  readonly global: boolean;
  readonly output: string;
  readonly json: boolean;
}

/** `tfmot prune MODEL --sparsity 0.8 -o OUT` */
export function pruneCommand(): Command {
  return new Command('prune')
    .description('set the smallest weights to zero, in one go and without data; training with pruning loses less')
    .argument('<model>', 'a folder with model.json, a model.json, or a .tfmz')
    .requiredOption('-o, --output <path>', 'a folder, or a file that ends in .tfmz')
    .option('--sparsity <share>', 'share of each kernel to set to zero, such as 0.8', sparsity)
    .option('--block <h,w>', 'zero blocks of h inputs by w outputs together', pair)
    .option('--m-by-n <m,n>', 'm zeros in every n weights along the inputs, in place of --sparsity', mByN)
    .option('--global', 'rank the weights of all kernels together', false)
    .option('--json', 'print one JSON object', false)
    .action(prune);
}

async function prune(model: string, options: Options, command: Command): Promise<void> {
  const {global, json, output} = options;
  if ((options.sparsity === undefined) === (options.mByN === undefined)) {
    command.error('error: give either --sparsity, such as --sparsity 0.8, or --m-by-n, such as --m-by-n 2,4');
  }
  if (options.mByN !== undefined && options.block !== undefined) {
    command.error('error: --m-by-n has groups of its own: leave out --block');
  }
  if (global && (options.mByN !== undefined || options.block !== undefined)) {
    command.error('error: --global ranks single weights: leave out --block and --m-by-n');
  }
  const artifacts = await readModel(model);
  const {
    model: pruned,
    changed,
    kept,
  } = await pruneOneShot(openArtifacts(artifacts), {
    ...(options.sparsity !== undefined && {sparsity: options.sparsity}),
    ...(options.block !== undefined && {blockSize: options.block}),
    ...(options.mByN !== undefined && {sparsityMByN: options.mByN}),
    allocation: global ? 'global' : 'uniform',
  });
  await writeModel(output, pruned.artifacts);
  const [before, after] = [await measure(artifacts), await measure(pruned.artifacts)];
  const next = `tfmot quantize ${quoted(output)} --dtype uint8 -o quantized`;
  print({json: {model, output, before, after, changed, kept}, lines: beforeAfter(before, after), next}, json);
}
