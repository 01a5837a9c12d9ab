import type {LayerVariable, layers} from '@tensorflow/tfjs-layers';
import {NOTHING_TO_PRUNE} from '../../artifacts/nothing-to-prune.ts';
import {RECORDED_OPERATIONS} from '../../artifacts/operations.ts';
import {inputChannelAxis, prunedWeightsOf} from '../../artifacts/roles.ts';
import {partsOf} from '../../live/parts.ts';
import {originalClass} from '../../live/trainable/normalization.ts';
import {weightName} from '../../live/weights.ts';

/**
 * A custom layer or recurrent cell that says itself which of its weights are pruned. Called once, after the layer is built.
 *
 * @example
 * class Gated extends tf.layers.Layer {
 *   getPrunableWeights() {
 *     return [this.kernel, this.gateKernel];
 *   }
 * }
 */
export interface PrunableLayer {
  getPrunableWeights(): LayerVariable[];
}

/** A weight that is pruned: its name, unique within the layer, and where its input channels are. */
export interface PrunableWeight {
  readonly name: string;
  readonly variable: LayerVariable;
  readonly inputChannelAxis: number;
}

function isPrunableLayer(layer: layers.Layer): layer is layers.Layer & PrunableLayer {
  return typeof (layer as Partial<PrunableLayer>).getPrunableWeights === 'function';
}

/** Why a layer cannot be wrapped, as a clause; `undefined` when it can. The layer need not be built. */
export function unsupportedReason(layer: layers.Layer): string | undefined {
  const className = originalClass(layer.getClassName());
  if (isPrunableLayer(layer)) return undefined;
  if (className === 'PruneLowMagnitude') return 'it is already wrapped';
  if (className === 'InputLayer') return 'it only stands for an input';
  const inner = partsOf(layer);
  if (inner === undefined) {
    if (prunedWeightsOf(className).length > 0 || NOTHING_TO_PRUNE.has(className)) return undefined;
    if (RECORDED_OPERATIONS.includes(className)) return 'it stands for an operation that Python recorded';
    return `nothing is known to prune in a ${className}; give the class a method getPrunableWeights()`;
  }
  for (const [, part] of inner) {
    if (part.getClassName() === 'InputLayer') continue;
    const reason = unsupportedReason(part);
    if (reason !== undefined) return `of the ${part.getClassName()} inside: ${reason}`;
  }
  return undefined;
}

/** The weights of a built layer that are pruned; none where the layer has nothing to prune. */
export function prunableWeights(layer: layers.Layer): PrunableWeight[] {
  const found = collect(layer, '');
  const seen = new Map<string, number>();
  return found.map(weight => {
    const count = seen.get(weight.name) ?? 0;
    seen.set(weight.name, count + 1);
    return count === 0 ? weight : {...weight, name: `${weight.name}_${count}`};
  });
}

function collect(layer: layers.Layer, prefix: string): PrunableWeight[] {
  const className = originalClass(layer.getClassName());
  const variables = isPrunableLayer(layer)
    ? layer.getPrunableWeights()
    : partsOf(layer) === undefined
      ? layer.weights.filter(weight => prunedWeightsOf(className).some(({name}) => name === weightName(weight)))
      : undefined;
  if (variables === undefined) {
    return partsOf(layer)!.flatMap(([name, part]) => collect(part, [prefix, name].filter(Boolean).join('_')));
  }
  return variables.map(variable => ({
    name: [prefix, weightName(variable)].filter(Boolean).join('_'),
    variable,
    inputChannelAxis: inputChannelAxis(className, weightName(variable), variable.shape.length),
  }));
}
