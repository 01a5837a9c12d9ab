/**
 * The layer classes that only a model in training has, by the name under which they are registered and saved, and how to
 * be rid of them. A model that holds one is not finished: its weights drift between masks, and it carries state that no
 * later step knows.
 */
export const WRAPPER_CLASSES: Readonly<Record<string, string>> = {
  PruneLowMagnitude: 'sparsity.stripPruning(model)',
  TrainableBatchNormalization: 'sparsity.stripPruning(model)',
  TrainableLayerNormalization: 'sparsity.stripPruning(model)',
} satisfies Record<WrapperClass, string>;

/** A layer class of this library that exists in training alone. */
export type WrapperClass = 'PruneLowMagnitude' | 'TrainableBatchNormalization' | 'TrainableLayerNormalization';
