/**
 * The classes of layers that a technique wraps around others while it trains, as saved models name them, and what ends
 * the training. A model that holds one is not finished.
 */
export const WRAPPER_CLASSES: Readonly<Record<string, string>> = {
  PruneLowMagnitude: 'sparsity.stripPruning(model)',
};
