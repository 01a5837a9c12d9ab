/**
 * The classes of layers that a model has only while a technique trains it, as saved models name them, and what ends the
 * training. A model that holds one is not finished.
 */
export const WRAPPER_CLASSES: Readonly<Record<string, string>> = {
  ClusterWeights: 'clustering.stripClustering(model)',
  PruneLowMagnitude: 'sparsity.stripPruning(model)',
  TrainableBatchNormalization: 'sparsity.stripPruning(model)',
  TrainableLayerNormalization: 'sparsity.stripPruning(model)',
};
