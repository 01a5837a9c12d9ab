import type {LayersModel, layers} from '@tensorflow/tfjs-layers';

/** Chooses the layers of a model that are pruned. */
export interface PruningPolicy {
  /** Whether `layer` is pruned. Asked for every layer that could be. */
  allowPruning(layer: layers.Layer): boolean;
  /** Throws when the whole model does not suit the policy. */
  ensureModelSupportsPruning(model: LayersModel): void;
}

/** Whether `value` has the two methods of a policy. */
export function isPruningPolicy(value: unknown): value is PruningPolicy {
  const like = value as Partial<PruningPolicy> | null | undefined;
  return typeof like?.allowPruning === 'function' && typeof like.ensureModelSupportsPruning === 'function';
}
