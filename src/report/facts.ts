/** The facts of a model, and of the training that made it: plain JSON, from which every form of the report is drawn. */
export interface ReportFacts {
  readonly kind: 'tfmot-report';
  /** Version of this schema. */
  readonly version: 1;
  /** What the facts are about, as it was called. */
  readonly title: string;
  /** Absent in the report of a run without its model. */
  readonly model?: ModelSummary;
  /** In the order of the file. */
  readonly weights: readonly WeightFacts[];
  readonly sizes: readonly SizeFact[];
  readonly latency?: LatencyFacts;
  readonly run?: RunRecord;
  /** What a reader should know besides: what could not be measured, and why. */
  readonly notes: readonly string[];
}

/** A model in a few numbers. */
export interface ModelSummary {
  readonly format: string;
  readonly parameters: number;
  readonly nonZeros: number;
  /** Of the weights, as they are stored. */
  readonly bytes: number;
}

/** One weight. */
export interface WeightFacts {
  readonly name: string;
  /** The layer that uses it and its class; absent where none is known. */
  readonly layer?: string;
  readonly className?: string;
  readonly role?: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly elements: number;
  readonly nonZeros: number;
  /** Why pruning leaves it alone; absent where it does not. */
  readonly kept?: string;
  /** Of the values that are not zero; absent where there are none, or no numbers. */
  readonly histogram?: Histogram;
  /** Only for weights that pruning touches. */
  readonly mask?: Thumbnail;
}

/** Counts of values in bins of one width. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly counts: readonly number[];
}

/** Which weights of a matrix are not zero: a window of it, from its first row and column on. */
export interface Thumbnail {
  readonly rows: number;
  readonly columns: number;
  /** Sizes of the whole matrix: inputs (with the taps of a convolution) and outputs. */
  readonly of: readonly [number, number];
  /** Bits in base64, row after row, the first weight in the lowest bit; 1 is a weight that is not zero. */
  readonly bits: string;
}

/** Bytes of one form of the model. */
export interface SizeFact {
  readonly form: string;
  readonly bytes: number;
  /** Set where the number is estimated from samples of the weights. */
  readonly estimated?: true;
}

/** Milliseconds of one example in the engine. */
export interface LatencyFacts {
  /** As the model is, and with all its zeros filled: medians of several rounds in turns. */
  readonly sparseMs: number;
  readonly denseMs: number;
  readonly rounds: number;
  /** Multiply-adds done, and left out because the weight is zero. */
  readonly multiplyAdds: number;
  readonly skippedMultiplyAdds: number;
}

/** What was recorded while a model trained: the content of `run.json`. */
export interface RunRecord {
  readonly kind: 'tfmot-run';
  readonly version: 1;
  /** What a reader should know of the run: backend, seed, schedule and the like. */
  readonly about: Readonly<Record<string, string | number | boolean>>;
  readonly weights: readonly string[];
  readonly updates: readonly MaskUpdateRecord[];
  readonly epochs: readonly EpochRecord[];
}

/** Masks at one moment of the training. */
export interface MaskUpdateRecord {
  readonly step: number;
  /** Sparsity that the schedule asked for, where there is one for all weights. */
  readonly planned?: number;
  /** Realised sparsity by weight. */
  readonly sparsity: Readonly<Record<string, number>>;
  readonly threshold: Readonly<Record<string, number>>;
  readonly masks: Readonly<Record<string, Thumbnail>>;
}

/** What `fit` logged at the end of an epoch. */
export interface EpochRecord {
  readonly epoch: number;
  readonly step: number;
  readonly logs: Readonly<Record<string, number>>;
}
