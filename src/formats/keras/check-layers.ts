import {WRAPPER_CLASSES} from '../../artifacts/wrappers.ts';
import {TfmotError} from '../../errors.ts';
import type {LayerSpec} from './config.ts';
import {unsupported} from './config.ts';
import {LAYERS} from './layers/index.ts';
import type {ModelPlan, ModelPlans} from './model-plan.ts';
import type * as Operations from './operations/index.ts';
import {checkPlainWeights} from './plain-weights.ts';
import type {Given} from './references.ts';
import {layerSpec, MODEL_CLASSES} from './topology.ts';

/** Layers that turn words and categories into numbers; the strings they look up never reach an engine. */
const LOOKUPS: readonly string[] = [
  ...['CategoryEncoding', 'Discretization', 'HashedCrossing', 'Hashing', 'IntegerLookup', 'StringLookup'],
  'TextVectorization',
];

/**
 * Refuses layers that are not understood, at any depth, before anything is decoded. Layers that no output needs may be
 * anything: Keras 3 lists the operations that make its masks.
 *
 * @param operations The operations on tensors that are understood; undefined for a model that has none.
 * @throws TfmotError `unsupported-layer` naming the first; `invalid-topology` when a model inside is not sound.
 */
export function checkClasses(model: ModelPlan, plans: ModelPlans, operations: typeof Operations | undefined): void {
  const checked = new Set<ModelPlan>();
  const stack: ModelPlan[] = [model];
  while (stack.length > 0) {
    const plan = stack.pop()!;
    if (checked.has(plan)) continue;
    checked.add(plan);
    for (const {layer, call} of plan.order) {
      const {given} = layer.calls[call]!;
      if (given !== undefined && isOperationCall(layer, given, operations)) {
        if (operations === undefined) throw unsupported(layer, 'is an operation on tensors, which are not at hand.');
        operations.checkOperation(layer);
        continue;
      }
      let inner: LayerSpec | undefined = layer;
      while (inner !== undefined) {
        if (MODEL_CLASSES.includes(inner.className)) {
          stack.push(plans.of(inner));
          break;
        }
        checkLayer(inner);
        inner = inner.config['layer'] === undefined ? undefined : layerSpec(inner.config['layer']);
      }
    }
  }
}

/**
 * Whether a call that may be one of an operation is: unless it can only be that of a layer.
 */
export function isOperationCall(layer: LayerSpec, {args}: Given, operations: typeof Operations | undefined): boolean {
  return operations?.isKnownOperation(layer) || args.length !== 1 || !Object.hasOwn(LAYERS, layer.className);
}

/**
 * Refuses a layer that is not understood.
 *
 * @throws TfmotError `unsupported-layer`.
 */
export function checkLayer(layer: LayerSpec): void {
  const {name, className} = layer;
  if (Object.hasOwn(WRAPPER_CLASSES, className))
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${name}' still has the wrapper of its training. Strip it first: ${WRAPPER_CLASSES[className]}.`,
    );
  if (LOOKUPS.includes(className))
    throw unsupported(
      layer,
      'turns words or categories into numbers. Do so before predict, and leave it out of the model.',
    );
  if (!Object.hasOwn(LAYERS, className))
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${name}' is of class '${className}', which is not supported. Supported are ${Object.keys(LAYERS).sort().join(', ')}, and models of these.`,
    );
  checkPlainWeights(layer);
}
