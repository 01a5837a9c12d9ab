import type {Command} from 'commander';
import {factsOf} from '../artifacts/facts.ts';
import type {NamedWeight, OpenModel} from '../artifacts/open-model.ts';
import {PRUNED_ROLES} from '../artifacts/roles.ts';
import {reasonToKeep} from '../artifacts/selection.ts';
import {compress} from '../compression/compress.ts';
import {formatNamed} from '../formats/formats.ts';
import {readingCommand, type Surroundings} from './command.ts';
import {brotliBytes, type ModelFacts, modelFacts, sparsityOf} from './facts.ts';
import {graphBlocks, graphFacts} from './graph-facts.ts';
import {keptSummary} from './kept.ts';
import {type ReadingOptions, readModel, sizeOnDisk} from './model-file.ts';
import {findModel} from './model-path.ts';
import type {Outcome} from './output.ts';
import {endingOf} from './output-path.ts';
import type {Session} from './session.ts';
import {argument, freePath} from './shell.ts';
import {type Block, counted, grouped} from './text.ts';

/** `tfmot inspect MODEL` */
export function inspectCommand(surroundings: Surroundings): Command {
  const description = 'show a model: its weights, how sparse, what can be pruned, bytes, what the engine can run';
  return readingCommand(surroundings, 'inspect', description, inspect);
}

async function inspect(model: string, options: ReadingOptions, session: Session): Promise<Outcome> {
  const open = await readModel(model, options, session);
  const weights = open.weights.map(rowOf);
  // A model in training is not compressed, and need not be.
  const file =
    open.unfinished === undefined ? await session.stage('compressing', pace => compress(open, pace)) : undefined;
  const brotli = await brotliBytes(open, session);
  const facts = await modelFacts(open, session);
  const graph = open.unfinished === undefined ? await graphFacts(open) : undefined;
  const {parameters, nonZeros, bytes, gzipBytes} = facts;
  const onDisk = (await sizeOnDisk(model)).bytes;
  const next = await nextOf(model, options, open, facts);
  return {
    json: {
      model,
      format: open.format,
      unfinished: open.unfinished ?? null,
      parameters,
      nonZeros,
      bytes: {onDisk, raw: bytes, gzip: gzipBytes, brotli, tfmz: file?.length ?? null},
      graph: graph ?? null,
      weights,
    },
    blocks: [
      {
        head: ['weight', 'role', 'shape', 'stored as', 'parameters', 'sparsity'],
        rows: weights.map(({name, role, shape, dtype, parameters: count, nonZeros: left}) => [
          name,
          role ?? '-',
          shape.join(' x '),
          dtype,
          grouped(count),
          sparsityOf({parameters: count, nonZeros: left}),
        ]),
      },
      '',
      `${grouped(parameters)} parameters, ${grouped(nonZeros)} of them not zero (${sparsityOf(facts)} sparse)`,
      ...prunableBlocks(weights),
      '',
      ...(graph === undefined ? [] : [...graphBlocks(graph), '']),
      {
        head: ['bytes', ''],
        rows: [
          ['on disk', grouped(onDisk)],
          ['weights', grouped(bytes)],
          ['weights, gzip -9', grouped(gzipBytes)],
          [`weights, brotli -${brotli.level}`, grouped(brotli.bytes)],
          ...(file === undefined ? [] : [['whole model as lossless .tfmz', grouped(file.length)]]),
        ],
      },
      ...unfinishedBlocks(open),
    ],
    ...(next !== undefined && {next}),
  };
}

interface Row {
  readonly name: string;
  readonly layer: string | null;
  readonly className: string | null;
  readonly role: string | null;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly parameters: number;
  readonly nonZeros: number;
  /** Why pruning leaves it alone; null where it does not. */
  readonly notPrunable: string | null;
}

function rowOf(weight: NamedWeight): Row {
  const {name, shape, uses} = weight;
  const {dtype, elements, nonZeros} = factsOf(weight);
  const use = uses[0];
  return {
    name,
    layer: use?.layer ?? null,
    className: use?.className ?? null,
    role: use?.role ?? null,
    shape,
    dtype,
    parameters: elements,
    nonZeros,
    notPrunable: reasonToKeep(weight, PRUNED_ROLES),
  };
}

function prunableBlocks(weights: readonly Row[]): Block[] {
  const prunable = weights.filter(({notPrunable}) => notPrunable === null);
  const parameters = prunable.reduce((sum, row) => sum + row.parameters, 0);
  const left = weights.flatMap(({name, notPrunable}) => (notPrunable === null ? [] : [{name, reason: notPrunable}]));
  return [
    `prunable: ${counted(prunable.length, 'weight')} of ${counted(parameters, 'parameter')}; not: ${keptSummary(left)}`,
  ];
}

function unfinishedBlocks({unfinished}: OpenModel): Block[] {
  if (unfinished === undefined) return [];
  return [
    '',
    `In training: the model holds the wrappers of its training. Strip it before anything else: ${unfinished}`,
  ];
}

/** What the name of an unpacked model ends in: nothing for a folder. */
function unpackedEnding(format: OpenModel['format']): string {
  return format.startsWith('tfjs') ? '' : (endingOf(formatNamed(format).fileName) ?? '');
}

/** What this command can do with the model; nothing where it has to be finished first. */
async function nextOf(
  model: string,
  {limits = true}: ReadingOptions,
  {unfinished, weights, format}: OpenModel,
  {parameters, nonZeros}: ModelFacts,
): Promise<string[] | undefined> {
  if (unfinished !== undefined) return undefined;
  const words = (name: string, ...options: readonly string[]): string[] => ['tfmot', name, argument(model), ...options];
  if ((await findModel(model)).kind === 'tfmz')
    return words(
      'decompress',
      ...(limits ? [] : ['--no-limits']),
      '-o',
      argument(freePath(model, unpackedEnding(format))),
    );
  const prunable = weights.some(weight => reasonToKeep(weight, PRUNED_ROLES) === null);
  if (nonZeros < 0.6 * parameters || !prunable) return words('compress', '-o', argument(freePath(model, '.tfmz')));
  return words('prune', '--sparsity', '0.5', '-o', argument(freePath(model, '-pruned')));
}
