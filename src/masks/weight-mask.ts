/** Which weights survive. */
export interface WeightMask {
  /** 1 = kept, 0 = removed, in the weight's own order. */
  readonly mask: Float32Array;
  /** The smallest (pooled) magnitude that was kept; 999 for m:n groups, which have no common one. */
  readonly threshold: number;
  /** How many weights are kept. */
  readonly kept: number;
  /** Whether no weight is NaN or infinite; where one is, the mask is of no use. `firstNonFinite` finds it. */
  readonly finite: boolean;
}
