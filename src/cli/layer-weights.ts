import type {ModelArtifacts} from '../graph/artifacts.ts';
import type {LayerSpec} from '../graph/config.ts';
import {layerSpec, readTopology} from '../graph/topology.ts';
import {type StoredWeight, storedWeights} from '../quantization/stored-weights.ts';
import {PRUNABLE_WEIGHTS} from '../weights/prunable.ts';

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
  const classes = new Map<string, string>();
  collect(readTopology(artifacts.modelTopology), classes);
  return storedWeights(artifacts).map(stored => {
    const parts = stored.spec.name.split('/');
    const weight = parts.pop()!;
    // The innermost part that names a layer: models and cells may stand around it or between.
    const layer = parts.reverse().find(part => classes.has(part)) ?? '';
    const className = classes.get(layer) ?? '';
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

/** Layers by name, those inside models, wrappers and recurrent layers too. */
function collect(layer: LayerSpec, classes: Map<string, string>): void {
  const {name, className, config} = layer;
  classes.set(name, className);
  for (const key of ['layers', 'cells', 'layer', 'cell', 'forwardLayer', 'backwardLayer']) {
    const inside = config[key];
    for (const entry of Array.isArray(inside) ? inside : [inside]) {
      if (typeof entry !== 'object' || entry === null || !('className' in entry)) continue;
      const spec = layerSpec(entry);
      collect(spec, classes);
      if (className !== 'Bidirectional') continue;
      classes.set(`forward_${spec.name}`, spec.className);
      classes.set(`backward_${spec.name}`, spec.className);
    }
  }
}
