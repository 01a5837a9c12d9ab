export {type ConstantSparsityOptions, constantSparsity} from './constant-sparsity.ts';
export type {PruningPolicy} from './policy.ts';
export {type PolynomialDecayOptions, polynomialDecay} from './polynomial-decay.ts';
export type {PrunableLayer} from './prunable-layer.ts';
export {type PruneEach, type PruneOptions, pruneLowMagnitude} from './prune.ts';
export {type PruningRecord, type PruningSummaries, pruningSummaries} from './pruning-summaries.ts';
export {
  type PruningSchedule,
  type PruningScheduleConfig,
  type PruningScheduleMaker,
  registerPruningSchedule,
} from './schedule.ts';
export type {PruningParams} from './settings.ts';
export {stripPruning} from './strip-pruning.ts';
export {type PruningSummary, type SkippedLayer, summarize, type WeightSummary} from './summarize.ts';
export {type UpdatePruningStep, updatePruningStep} from './update-pruning-step.ts';
export {type PrunedWeight, PruneLowMagnitude, type PruneLowMagnitudeArgs} from './wrapper.ts';
export {pruneForLatencyOnXnnpack} from './xnnpack-policy.ts';
