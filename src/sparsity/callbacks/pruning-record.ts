import {mean, sub, tidy} from '@tensorflow/tfjs-core';
import type {PruneLowMagnitude} from '../wrapper/prune-low-magnitude.ts';
import {scheduledSparsity} from './mask-update.ts';

/** The masks of a model at one moment of its training. */
export interface PruningRecord {
  /** At train begin, after a step that updated masks, or at the end of an epoch. */
  readonly kind: 'begin' | 'update' | 'epoch';
  /** Training steps done; -1 where no callback has counted yet. */
  readonly step: number;
  /** `<mask>/sparsity`, the fraction of zeros in a mask, and `<threshold>/threshold`, by the saved names of both. */
  readonly values: Readonly<Record<string, number>>;
  /** The pruned weights. */
  readonly weights: readonly PrunedWeightRecord[];
  /** The epoch that ended, from 0, and what `fit` logged of it. */
  readonly epoch?: number;
  readonly logs?: Readonly<Record<string, number>>;
}

/** A pruned weight at that moment. */
export interface PrunedWeightRecord {
  /** Layer and weight, as the stripped model calls them: `dense/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Fraction of zeros in the mask, and what the schedule asks for at this step. */
  readonly sparsity: number;
  readonly planned: number;
  readonly threshold: number;
  /** Ones and zeros; read from the backend when asked, and so to be asked before the next step. */
  mask(): Promise<Float32Array>;
}

/** What there is to record of wrapped layers. Reads back without blocking. */
export async function recordOf(
  wrappers: readonly PruneLowMagnitude[],
  kind: PruningRecord['kind'],
): Promise<PruningRecord> {
  const step = (await wrappers[0]!.pruningStep.read().data())[0]!;
  const values: Record<string, number> = {};
  const weights: PrunedWeightRecord[] = [];
  for (const {layer, prunedWeights, pruningSchedule} of wrappers) {
    const planned = scheduledSparsity(pruningSchedule, Math.max(0, step));
    for (const {name, weight, mask, threshold: kept} of prunedWeights) {
      const zeros = tidy(() => sub(1, mean(mask.read())));
      const sparsity = (await zeros.data())[0]!;
      zeros.dispose();
      const threshold = (await kept.read().data())[0]!;
      values[`${mask.originalName}/sparsity`] = sparsity;
      values[`${kept.originalName}/threshold`] = threshold;
      weights.push({
        name: `${layer.name}/${name}`,
        ...{shape: weight.shape as number[], sparsity, planned, threshold},
        mask: async () => (await mask.read().data()) as Float32Array,
      });
    }
  }
  return {kind, step, values, weights};
}
