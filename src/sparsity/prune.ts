import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {TfmotError} from '../errors.ts';
import {settingsForOne} from '../live/call.ts';
import {checkLayers, hint, showGiven} from '../live/given.ts';
import {isContainer, isLayer, type LayerContainer, leafLayers} from '../live/walk.ts';
import {layerRefused, refuseOtherWrappers, wrapLayer, wrapList, wrapModel} from '../live/wrap.ts';
import {isPruningPolicy, type PruningPolicy} from './policies/policy.ts';
import {decide} from './wrapper/decide.ts';
import {unsupportedReason} from './wrapper/prunable-layer.ts';
import {isWrapper, type PruneLowMagnitude} from './wrapper/prune-low-magnitude.ts';
import {PRUNING_PARAMS, type PruningParams, type PruningSettings, pruningSettings} from './wrapper/settings.ts';
import {WRAPPER_CLASS} from './wrapper/wrapper-config.ts';

/** Settings of {@link pruneLowMagnitude}. */
export interface PruneOptions extends PruningParams {
  /** Which layers of a model to prune; looked at only when a whole model is given. */
  readonly pruningPolicy?: PruningPolicy;
}

const PRUNE_OPTIONS: readonly string[] = [...PRUNING_PARAMS, 'pruningPolicy' satisfies keyof PruneOptions];

/** Settings layer by layer: those of `layer`, or `null` to leave it as it is. */
export type PruneEach = (layer: layers.Layer) => PruningParams | null;

/**
 * Makes a model, a layer or a list of layers prunable: a copy in which every layer that may be pruned is wrapped in a
 * {@link PruneLowMagnitude}. What was given is not changed. Compile the result, and train it with {@link
 * updatePruningStep}.
 *
 * Layers that are wrapped already stay so, and layers in which nothing is known to prune stay as they are: `summarize`
 * says why.
 *
 * @param toPrune Sequential or functional model (nested models are entered), a layer, or a list of layers.
 * @param options Settings for all layers, or for a model a function that gives each layer its own.
 * @throws TfmotError `nothing-to-prune`, `unsupported-layer`, `unsupported-model`, `invalid-schedule`,
 * `invalid-block-size`, `invalid-m-by-n`, `model-not-built`, `duplicate-tfjs`, `invalid-argument`.
 *
 * @example
 * const pruningSchedule = polynomialDecay({initialSparsity: 0, finalSparsity: 0.9, beginStep: 100, endStep: 1000});
 * const modelForPruning = pruneLowMagnitude(model, {pruningSchedule});
 */
export function pruneLowMagnitude<M extends LayersModel>(toPrune: M, options?: PruneOptions | PruneEach): M;
export function pruneLowMagnitude(toPrune: layers.Layer, options?: PruneOptions): PruneLowMagnitude;
export function pruneLowMagnitude(toPrune: layers.Layer[], options?: PruneOptions): layers.Layer[];
export function pruneLowMagnitude(
  toPrune: LayersModel | layers.Layer | layers.Layer[],
  options: PruneOptions | PruneEach = {},
  ...more: unknown[]
): LayersModel | layers.Layer | layers.Layer[] {
  if (more.some(each => each !== undefined)) {
    throw new TfmotError(
      'invalid-argument',
      `pruneLowMagnitude takes its settings by name, in one object, but got ${1 + more.length} values. ` +
        `Call pruneLowMagnitude(model, {${PRUNE_OPTIONS.join(', ')}}).`,
    );
  }
  if (Array.isArray(toPrune)) return pruneList(toPrune, layerSettings(options));
  if (!isLayer(toPrune)) {
    throw new TfmotError(
      'invalid-argument',
      `pruneLowMagnitude takes a tf.LayersModel, a layer or a list of layers, but got ${showGiven(toPrune)}.${hint(toPrune)}`,
    );
  }
  if (isContainer(toPrune)) return pruneModel(toPrune as LayerContainer & LayersModel, options);
  return pruneLayer(toPrune, layerSettings(options));
}

function layerSettings(options: PruneOptions | PruneEach): PruningSettings {
  return pruningSettings(settingsForOne<PruneOptions>(options), 'pruneLowMagnitude', PRUNE_OPTIONS);
}

function policyOf({pruningPolicy}: PruneOptions): PruningPolicy | undefined {
  if (pruningPolicy === undefined || isPruningPolicy(pruningPolicy)) return pruningPolicy;
  throw new TfmotError(
    'invalid-argument',
    `pruningPolicy must have the methods allowPruning and ensureModelSupportsPruning, but got ${showGiven(pruningPolicy)}. ` +
      'Use pruneForLatencyOnXnnpack().',
  );
}

function pruneModel(model: LayersModel, options: PruneOptions | PruneEach): LayersModel {
  if (model.layers.length === 0) {
    throw new TfmotError(
      'model-not-built',
      `Model '${model.name}' must have layers before it is pruned, but has none.`,
    );
  }
  const settingsOf = typeof options === 'function' ? oneByOne(options) : forAll(options, model);
  const list = leafLayers(model);
  refuseOtherWrappers(list, WRAPPER_CLASS, `pruneLowMagnitude needs '${model.name}'`);
  const decisions = new Map(list.map(layer => [layer, decide(layer, settingsOf)]));
  if (![...decisions.values()].some(({weights}) => weights > 0)) throw nothingToPrune(`Model '${model.name}'`, list);
  return wrapModel(model, layer => decisions.get(layer)!.wrapper);
}

type SettingsOf = (layer: layers.Layer) => PruningSettings | null;

function oneByOne(each: PruneEach): SettingsOf {
  return layer => {
    const params = each(layer);
    return params === null ? null : pruningSettings(params, `pruneLowMagnitude for layer '${layer.name}'`);
  };
}

function forAll(options: PruneOptions, model: LayersModel): SettingsOf {
  const settings = layerSettings(options);
  const policy = policyOf(options);
  policy?.ensureModelSupportsPruning(model);
  return layer => (policy?.allowPruning(layer) === false ? null : settings);
}

function pruneList(list: layers.Layer[], settings: PruningSettings): layers.Layer[] {
  checkLayers(list, 'prune');
  refuseOtherWrappers(list, WRAPPER_CLASS, 'pruneLowMagnitude needs the list');
  const decisions = list.map(layer => decide(layer, () => settings));
  if (decisions.every(({wrapper}) => wrapper === undefined)) throw nothingToPrune('The list', list);
  return wrapList(list, i => decisions[i]!.wrapper, isWrapper);
}

function pruneLayer(layer: layers.Layer, settings: PruningSettings): PruneLowMagnitude {
  const reason = unsupportedReason(layer);
  if (reason !== undefined) throw layerRefused(layer, 'pruned', reason);
  return wrapLayer(layer, decide(layer, () => settings).wrapper!) as PruneLowMagnitude;
}

function nothingToPrune(what: string, list: readonly layers.Layer[]): TfmotError {
  const classes = [...new Set(list.map(layer => layer.getClassName()))].join(', ');
  return new TfmotError(
    'nothing-to-prune',
    `${what} must have a layer with weights to prune, but has none that is chosen (its layers: ${classes}). ` +
      'Give custom layers a method getPrunableWeights(), or let the policy or settings choose some.',
  );
}
