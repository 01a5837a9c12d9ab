import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {NOTHING_TO_PRUNE} from '../artifacts/nothing-to-prune.ts';
import {RECORDED_OPERATIONS} from '../artifacts/operations.ts';
import {axesOf, inputChannelAxis, prunedWeightsOf} from '../artifacts/roles.ts';
import {WRAPPER_CLASSES} from '../artifacts/wrappers.ts';
import {partsOf} from './parts.ts';
import {fieldOf} from './tfjs-private.ts';
import {originalClass} from './trainable/normalization.ts';
import {weightName} from './weights.ts';

/** How a technique that trains chooses weights, and speaks of it. */
export interface Choice {
  /** The method by which a custom layer or cell lists its weights: `() => LayerVariable[]`. */
  readonly method: string;
  /** What is done to a weight, as in "nothing is known to ...". */
  readonly verb: string;
}

/** A weight that a technique works on. */
export interface ChosenWeight {
  /** Unique within the layer. */
  readonly name: string;
  readonly variable: LayerVariable;
  /** The class of the layer that holds it: the layer itself, or one inside. */
  readonly className: string;
  readonly inputChannelAxis: number;
  /** Where its outputs are; none for weights that no table knows. */
  readonly outputAxes: readonly number[];
}

/** Why a layer cannot be wrapped, as a clause; `undefined` when it can. The layer need not be built. */
export function unsupportedReason(layer: layers.Layer, choice: Choice): string | undefined {
  const className = originalClass(layer.getClassName());
  if (lister(layer, choice) !== undefined) return undefined;
  if (isTechnique(className)) return 'it is already wrapped';
  if (className === 'InputLayer') return 'it only stands for an input';
  const inner = partsOf(layer);
  if (inner === undefined) {
    if (prunedWeightsOf(className).length > 0 || NOTHING_TO_PRUNE.has(className)) return undefined;
    if (RECORDED_OPERATIONS.includes(className)) return 'it stands for an operation that Python recorded';
    return `nothing is known to ${choice.verb} in a ${className}; give the class a method ${choice.method}()`;
  }
  for (const [, part] of inner) {
    if (part.getClassName() === 'InputLayer') continue;
    const reason = unsupportedReason(part, choice);
    if (reason !== undefined) return `of the ${part.getClassName()} inside: ${reason}`;
  }
  return undefined;
}

/** The weights of a built layer that a technique works on; none where the layer has nothing for it. */
export function chosenWeights(layer: layers.Layer, choice: Choice): ChosenWeight[] {
  const found = collect(layer, choice, '');
  const seen = new Map<string, number>();
  return found.map(weight => {
    const count = seen.get(weight.name) ?? 0;
    seen.set(weight.name, count + 1);
    return count === 0 ? weight : {...weight, name: `${weight.name}_${count}`};
  });
}

function collect(layer: layers.Layer, choice: Choice, prefix: string): ChosenWeight[] {
  const className = originalClass(layer.getClassName());
  const known = prunedWeightsOf(className);
  const variables =
    lister(layer, choice)?.() ??
    (partsOf(layer) === undefined
      ? layer.weights.filter(weight => known.some(({name}) => name === weightName(weight)))
      : undefined);
  if (variables === undefined) {
    return partsOf(layer)!.flatMap(([name, part]) => collect(part, choice, [prefix, name].filter(Boolean).join('_')));
  }
  return variables.map(variable => {
    const name = weightName(variable);
    const rank = variable.shape.length;
    const of = known.find(weight => weight.name === name);
    return {
      name: [prefix, name].filter(Boolean).join('_'),
      variable,
      className,
      inputChannelAxis: inputChannelAxis(className, name, rank),
      outputAxes: of === undefined ? [] : axesOf(of, rank).outputAxes,
    };
  });
}

/** The method by which a custom layer lists its weights, bound to it. */
function lister(layer: layers.Layer, {method}: Choice): (() => LayerVariable[]) | undefined {
  const list = fieldOf(layer, method);
  return typeof list === 'function' ? () => list.call(layer) as LayerVariable[] : undefined;
}

/** Whether a class is the wrapper of a technique, not one that is only trained in a class of its own. */
function isTechnique(className: string): boolean {
  return Object.hasOwn(WRAPPER_CLASSES, className) && originalClass(className) === className;
}
