import type {Command} from 'commander';
import type {Transformed} from '../artifacts/open-model.ts';
import {TfmotError} from '../errors.ts';
import {pruneOneShot} from '../oneshot/prune.ts';
import {mByN, pair, share, sparsity} from './arguments.ts';
import {type Surroundings, type WritingOptions, writingCommand} from './command.ts';
import {beforeAfter, modelFacts} from './facts.ts';
import {keptSummary} from './kept.ts';
import {readModel, writeModel} from './model-file.ts';
import type {Outcome} from './output.ts';
import {checkForm, isTfmz} from './output-path.ts';
import type {Session} from './session.ts';
import {argument, freePath, inspectCommandFor} from './shell.ts';
import {counted} from './text.ts';

interface Options extends WritingOptions {
  readonly sparsity?: number;
  readonly block?: readonly [number, number];
  readonly mByN?: readonly [number, number];
  readonly global?: boolean;
  readonly minKept?: number;
  readonly depthwise?: boolean;
}

/** `tfmot prune MODEL --sparsity 0.8 -o OUT` */
export function pruneCommand(surroundings: Surroundings): Command {
  const output = {
    kind: 'either',
    help: 'a folder for a model of TensorFlow.js, a file as the model is for others, or a .tfmz',
    ending: '-pruned',
  } as const;
  const description = 'set the smallest weights to zero, in one go and without data; training with pruning loses less';
  return writingCommand<Options>(surroundings, 'prune', description, output, prune)
    .option('--sparsity <share>', 'share of each kernel to set to zero, such as 0.8 or 80%', sparsity)
    .option('--block <h,w>', 'zero blocks of h inputs by w outputs together', pair)
    .option('--m-by-n <m,n>', 'm zeros in every n weights along the inputs, in place of --sparsity', mByN)
    .option('--global', 'rank the weights of all kernels together')
    .option('--min-kept <share>', 'share of each kernel that --global leaves in any case; 1% by default', share)
    .option('--depthwise', 'prune depthwise kernels too');
}

async function prune(model: string, options: Options, session: Session): Promise<Outcome> {
  const {output} = options;
  checkWay(options);
  const open = await readModel(model, options, session);
  checkForm(output, open);
  const pruned = await session.stage('pruning', pace =>
    pruneOneShot(open, {
      ...(options.sparsity !== undefined && {sparsity: options.sparsity}),
      ...(options.block !== undefined && {blockSize: options.block}),
      ...(options.mByN !== undefined && {sparsityMByN: options.mByN}),
      ...(options.minKept !== undefined && {minKept: options.minKept}),
      allocation: options.global === true ? 'global' : 'uniform',
      includeDepthwise: options.depthwise === true,
      ...pace,
    }),
  );
  const {changed, kept} = pruned;
  const [before, after] = [await modelFacts(open, session), await modelFacts(pruned.model, session)];
  const wrote = await writeModel(output, pruned.model, session);
  return {
    json: {model, output, before, after, changed, kept},
    blocks: [
      beforeAfter(before, after),
      '',
      `pruned ${counted(changed.length, 'weight')}; not pruned: ${keptSummary(kept)}`,
      ...widened(changed),
      ...lostAlmostAll(changed),
      '',
    ],
    wrote,
    next: isTfmz(output)
      ? inspectCommandFor(wrote)
      : ['tfmot', 'compress', argument(output), '--step', 'auto', '-o', argument(freePath(output, '.tfmz'))],
  };
}

/** Names the weights whose levels cannot say zero, so that they are stored in float32 now. */
function widened(changed: Transformed['changed']): string[] {
  const names = changed.filter(({before, after}) => before.dtype !== after.dtype).map(({name}) => name);
  return names.length === 0 ? [] : [`Stored in float32 now, because their levels lack a zero: ${names.join(', ')}`];
}

/**
 * Names the kernels that lost more than 99 % of what they had: a network with one that is almost empty answers nearly
 * the same to everything.
 */
function lostAlmostAll(changed: Transformed['changed']): string[] {
  const lost = changed.filter(({before, after}) => 100 * after.nonZeros < before.nonZeros);
  if (lost.length === 0) return [];
  const names = lost.map(({name, after}) => `${name} (${counted(after.nonZeros, 'weight')} left)`).join(', ');
  return [`More than 99 % of the non-zeros are gone from ${names}.`];
}

function checkWay({sparsity: removed, mByN: groups, block, global = false, minKept}: Options): void {
  const rule =
    (removed === undefined) === (groups === undefined)
      ? 'Give either --sparsity, such as --sparsity 0.8, or --m-by-n, such as --m-by-n 2,4.'
      : groups !== undefined && block !== undefined
        ? '--m-by-n has groups of its own: leave out --block.'
        : global && (groups !== undefined || block !== undefined)
          ? '--global ranks single weights: leave out --block and --m-by-n.'
          : !global && minKept !== undefined
            ? '--min-kept bounds what --global takes of a kernel: add --global.'
            : null;
  if (rule !== null) throw new TfmotError('invalid-argument', rule);
}
