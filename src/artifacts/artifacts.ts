import {TfmotError} from '../errors.ts';

/** One weight of a saved model, as TensorFlow.js writes it in `model.json`. `shape` in elements. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool' | 'string' | 'complex64';
  readonly quantization?: {
    readonly dtype: 'uint8' | 'uint16' | 'float16';
    readonly min?: number;
    readonly scale?: number;
  };
}

/**
 * A model as plain data: topology JSON of layers or of a graph, weight specs and weight bytes. Structurally a subset of
 * TensorFlow.js' own `io.ModelArtifacts`, declared here so that nothing behind it needs TensorFlow.js.
 */
export interface ModelArtifacts {
  readonly modelTopology: object;
  readonly weightSpecs: readonly WeightSpec[];
  /** One buffer, or several that follow one another. */
  readonly weightData: ArrayBuffer | readonly ArrayBuffer[];
  readonly format?: string;
  readonly generatedBy?: string;
  readonly convertedBy?: string | null;
  readonly trainingConfig?: object;
  readonly userDefinedMetadata?: object;
  /** Of a graph model: the names of its inputs and outputs. */
  readonly signature?: object;
  /** Of a graph model: what is run once, before all else. */
  readonly modelInitializer?: object;
  readonly initializerSignature?: object;
}

/** What a live `tf.LayersModel` shows of itself to be turned into artifacts. */
export interface SavableModel {
  save(handler: never): Promise<unknown>;
}

/**
 * The artifacts of a model: those given, or those a live `tf.LayersModel` saves (without its optimizer).
 *
 * @throws TfmotError `unsupported-model` when `model` is neither.
 */
export async function artifactsOf(model: SavableModel | ModelArtifacts): Promise<ModelArtifacts> {
  if (isArtifacts(model)) return model;
  if (typeof (model as Partial<SavableModel> | undefined)?.save !== 'function') {
    throw new TfmotError(
      'unsupported-model',
      `A model must be a tf.LayersModel or model artifacts {modelTopology, weightSpecs, weightData}, but got ${typeof model}.`,
    );
  }
  let saved: ModelArtifacts | undefined;
  const handler = {
    save: async (artifacts: ModelArtifacts) => {
      saved = artifacts;
      return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
    },
  };
  await model.save(handler as never);
  if (saved === undefined)
    throw new TfmotError('unsupported-model', 'The model saved nothing: its save() ignored the handler.');
  return saved;
}

function isArtifacts(model: unknown): model is ModelArtifacts {
  return typeof model === 'object' && model !== null && 'modelTopology' in model && 'weightSpecs' in model;
}
