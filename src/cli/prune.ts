import type {Command} from 'commander';
import {TfmotError} from '../errors.ts';
import type {Pattern} from '../masks/pattern.ts';
import {mByN, pair, sparsity} from './arguments.ts';
import {type Surroundings, type WritingOptions, writingCommand} from './command.ts';
import {beforeAfter, factsOf} from './facts.ts';
import {readModel, writeModel} from './model-file.ts';
import type {Outcome} from './output.ts';
import {isTfmz} from './output-path.ts';
import {pruneArtifacts} from './prune-artifacts.ts';
import type {Session} from './session.ts';
import {argument, freePath} from './shell.ts';

interface Options extends WritingOptions {
  readonly sparsity?: number;
  readonly block?: readonly [number, number];
  readonly mByN?: readonly [number, number];
  readonly global?: boolean;
}

/** `tfmot prune MODEL --sparsity 0.8 -o OUT` */
export function pruneCommand(surroundings: Surroundings): Command {
  const output = {kind: 'either', help: 'a folder, or a file that ends in .tfmz', ending: '-pruned'} as const;
  const description = 'set the smallest weights to zero, in one go and without data; training with pruning loses less';
  return writingCommand<Options>(surroundings, 'prune', description, output, prune)
    .option('--sparsity <share>', 'share of each kernel to set to zero, such as 0.8 or 80%', sparsity)
    .option('--block <h,w>', 'zero blocks of h inputs by w outputs together', pair)
    .option('--m-by-n <m,n>', 'm zeros in every n weights along the inputs, in place of --sparsity', mByN)
    .option('--global', 'rank the weights of all kernels together');
}

async function prune(model: string, options: Options, session: Session): Promise<Outcome> {
  const {global = false, output} = options;
  checkWay(options);
  const artifacts = await readModel(model, session);
  const pruned = pruneArtifacts(artifacts, {sparsity: options.sparsity ?? 0, pattern: patternOf(options), global});
  const [before, after] = [await factsOf(artifacts, session), await factsOf(pruned, session)];
  const wrote = await writeModel(output, pruned, session);
  return {
    json: {model, output, before, after},
    blocks: [beforeAfter(before, after), ''],
    wrote,
    next: isTfmz(output)
      ? ['tfmot', 'inspect', argument(output)]
      : ['tfmot', 'compress', argument(output), '--step', 'auto', '-o', argument(freePath(output, '.tfmz'))],
  };
}

function checkWay({sparsity: share, mByN: groups, block, global = false}: Options): void {
  const rule =
    (share === undefined) === (groups === undefined)
      ? 'Give either --sparsity, such as --sparsity 0.8, or --m-by-n, such as --m-by-n 2,4.'
      : groups !== undefined && block !== undefined
        ? '--m-by-n has groups of its own: leave out --block.'
        : global && (groups !== undefined || block !== undefined)
          ? '--global ranks single weights: leave out --block and --m-by-n.'
          : null;
  if (rule !== null) throw new TfmotError('invalid-argument', rule);
}

function patternOf({block, mByN: groups}: Options): Pattern {
  if (groups !== undefined) return {type: 'm-by-n', m: groups[0], n: groups[1]};
  if (block !== undefined && block[0] * block[1] > 1) return {type: 'block', size: block, pooling: 'AVG'};
  return {type: 'element'};
}
