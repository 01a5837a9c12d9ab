import type {ModelArtifacts, WeightSpec} from './artifacts.ts';

type Mutable<T> = {-readonly [K in keyof T]: T[K]};

/**
 * Artifacts as TensorFlow.js' own types have them, nothing read-only and the weights in one buffer: what its loaders
 * take. Structural, so that nothing behind it needs TensorFlow.js.
 */
export interface LoadedArtifacts
  extends Mutable<Omit<ModelArtifacts, 'weightSpecs' | 'weightData' | 'trainingConfig' | 'userDefinedMetadata'>> {
  // biome-ignore lint/complexity/noBannedTypes: TensorFlow.js' own type of any value.
  userDefinedMetadata?: {[name: string]: {}};
  weightSpecs: (Mutable<Omit<WeightSpec, 'shape'>> & {shape: number[]})[];
  weightData: ArrayBuffer;
}

/** Artifacts as TensorFlow.js' `model.save` hands them to a handler: everything may be missing. */
export interface SavedArtifacts {
  readonly modelTopology?: object;
  readonly weightSpecs?: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly dtype: string;
    readonly quantization?: object;
  }[];
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[];
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly trainingConfig?: object;
  readonly userDefinedMetadata?: object;
}

/** What TensorFlow.js' `io.SaveResult` is. */
export interface SaveResult {
  modelArtifactsInfo: {
    dateSaved: Date;
    modelTopologyType: 'JSON';
    modelTopologyBytes?: number;
    weightSpecsBytes?: number;
    weightDataBytes?: number;
  };
}
