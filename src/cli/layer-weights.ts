import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import {PRUNABLE_WEIGHTS} from '../artifacts/prunable.ts';
import {type StoredWeight, storedWeights} from '../artifacts/stored-weights.ts';
import type {LayerSpec} from '../formats/keras/config.ts';
import {layerSpec, readTopology} from '../formats/keras/topology.ts';

/** A weight of a saved model, and the layer that it belongs to. */
export interface LayerWeight extends StoredWeight {
  /** Empty where the topology has no such layer. */
  readonly layer: string;
  readonly className: string;
  /** The name within the layer, such as `kernel`. */
  readonly weight: string;
  /** Why it is not pruned; null for a weight that pruning is for. */
  readonly notPrunable: string | null;
}

/**
 * The weights of a model with their layers, in the order of the file.
 *
 * @throws TfmotError `invalid-topology`, `invalid-weights`.
 */
export function layerWeights(artifacts: ModelArtifacts): LayerWeight[] {
  const owners = new Map<string, Owner>();
  collect(readTopology(artifacts.modelTopology), owners);
  return storedWeights(artifacts).map(stored => {
    const parts = stored.spec.name.split('/');
    const weight = parts.pop()!;
    // The innermost part that names a layer: models may stand around it, and the number of a cell behind it.
    const layer = [...parts].reverse().find(part => owners.has(part)) ?? '';
    const owner = owners.get(layer);
    const cell = /^RNNCell_(\d+)$/.exec(parts.at(-1) ?? '')?.[1];
    const className = (cell === undefined ? owner?.className : owner?.cells[Number(cell)]) ?? '';
    return {...stored, layer, className, weight, notPrunable: reason(stored, className, weight)};
  });
}

function reason({spec}: StoredWeight, className: string, weight: string): string | null {
  if (PRUNABLE_WEIGHTS[className]?.includes(weight)) {
    return spec.quantization === undefined ? null : `already ${spec.quantization.dtype}; prune first, then quantise`;
  }
  if (/bias$/.test(weight)) return 'a bias';
  if (/^(gamma|beta|moving_mean|moving_variance)$/.test(weight)) return 'normalisation';
  if (weight === 'depthwise_kernel') return 'depthwise kernels stay dense';
  if (className === '') return 'its layer is not in the topology';
  return `nothing known to prune in ${className}`;
}

/** Whose weights a layer's name stands for: the layer's own, or those of what it wraps. */
interface Owner {
  readonly className: string;
  /** Of a recurrent layer with several cells. */
  readonly cells: readonly string[];
}

/** Notes layers by name, those inside models, wrappers and recurrent layers too. */
function collect({name, className, config}: LayerSpec, owners: Map<string, Owner>): void {
  const inside = ['layers', 'layer', 'cell', 'forwardLayer', 'backwardLayer'].flatMap(key => specsOf(config[key]));
  for (const spec of inside) {
    collect(spec, owners);
    if (className !== 'Bidirectional') continue;
    owners.set(`forward_${spec.name}`, owners.get(spec.name)!);
    owners.set(`backward_${spec.name}`, owners.get(spec.name)!);
  }
  // TimeDistributed, RNN and the wrapper of pruning give the weights inside their own name.
  const wrapped = 'layers' in config ? undefined : inside[0];
  owners.set(name, {
    className: (wrapped && owners.get(wrapped.name)?.className) ?? className,
    cells: specsOf(config['cells']).map(cell => cell.className),
  });
}

function specsOf(value: unknown): LayerSpec[] {
  return [value].flat().filter(isLayerEntry).map(layerSpec);
}

function isLayerEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'className' in value;
}
