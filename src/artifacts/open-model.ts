import type {Graph} from '../graph/graph.ts';
import type {ModelArtifacts} from './artifacts.ts';
import type {StoredDtype} from './dtypes.ts';
import type {Axes, Role} from './roles.ts';

/** The file formats of models. */
export type ModelFormat = 'tfjs-layers' | 'tfjs-graph' | 'keras-h5' | 'keras' | 'tflite' | 'onnx' | 'tfmz';

/** What a weight is to one of the layers, or nodes of a graph, that use it. */
export interface Use extends Axes {
  /** Path of the layer in its model: its name, behind those of the models and wrappers that hold it. */
  readonly layer: string;
  /** Keras class of the layer, or kind of the node. */
  readonly className: string;
  /** Name of the weight within the layer, such as `kernel`. */
  readonly weight: string;
  readonly role: Role;
}

/** Evenly spaced values: level `l` stands for `scale * l + min`. */
export interface Grid {
  readonly scale: number;
  readonly min: number;
}

/** One weight of an open model, known by its uses and never by its name alone. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Where levels are stored, what they stand for. */
  readonly grid?: Grid;
  /** The layers that use it; none where no layer claims it, and then every technique leaves it as it is. */
  readonly uses: readonly Use[];
  /** A view of the model's own bytes, as stored. */
  bytes(): Uint8Array;
  /** Decoded to float32 at each call and not kept; a view where the bytes allow it: not to be changed. */
  values(): Float32Array;
}

/**
 * What becomes of a weight. `values` go back in `dtype`, by default the one that the weight has: onto its own grid
 * where that holds every one of them, zero above all, and else the weight widens to float32. `levels` bring a new grid.
 */
export type Change =
  | {readonly values: Float32Array; readonly dtype?: 'float32' | 'float16'}
  | {readonly levels: Uint8Array | Uint16Array; readonly grid: Grid};

/** A weight as signed levels around zero, with a scale for each place along an axis. */
export interface ChannelLevels {
  readonly levels: Int8Array;
  readonly scales: Float32Array;
  readonly axis: number;
}

/** Sizes that a model leaves open: shapes of inputs without the batch, by name. */
export type InputShapes = Readonly<Record<string, readonly number[]>>;

/** How to make a graph of a model. */
export interface GraphOptions {
  readonly inputShapes?: InputShapes | undefined;
  /**
   * Where a graph with ops that are not supported ends: `auto` at the last tensors that are, names at those. What comes
   * after is left to the caller (`Graph.left`). By default such a graph is refused.
   */
  readonly cut?: 'auto' | readonly string[] | undefined;
  /** Names of layers or nodes whose results stay tensors of their own, to be looked at: `Graph.kept`. */
  readonly keep?: readonly string[] | undefined;
}

/** A model's file of another toolkit, and where its weights lie in it. */
export interface ModelFile {
  /** What it is called where nobody says: `model.onnx`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Where each weight lies, in their order: `[from, to)`; null for one that is not there in one piece as it is. */
  readonly places: readonly ({readonly from: number; readonly to: number} | null)[];
}

/**
 * A finished model as every technique sees it, whatever file it came from: a table of weights, and how to put changed
 * ones back. Plain data; nothing in it is changed.
 */
export interface OpenModel {
  readonly format: ModelFormat;
  /** What TensorFlow.js loads, where the model can be had so. */
  readonly artifacts?: ModelArtifacts;
  readonly weights: readonly NamedWeight[];
  /** How to finish a model that is still in training, such as `stripPruning(model)`; undefined for a finished one. */
  readonly unfinished?: string;
  /**
   * The inference graph, simplified.
   *
   * @throws TfmotError `unsupported-layer`, `unsupported-model`, `invalid-topology`, `invalid-weights`.
   */
  graph(options?: GraphOptions): Promise<Graph>;
  /**
   * The model with some weights changed, by name; all others keep their bytes.
   *
   * @throws TfmotError `invalid-argument` for a name that the model lacks, or another number of values.
   */
  withWeights(changed: ReadonlyMap<string, Change>): OpenModel;
  /**
   * The model with weights stored in 8 bits, by name, and what it has no place for; absent where its format has none at
   * all.
   *
   * @throws TfmotError `unsupported-model` for a file that cannot be written anew.
   */
  withLevels?(
    levels: ReadonlyMap<string, ChannelLevels>,
  ): Promise<{readonly model: OpenModel; readonly kept: readonly Kept[]}>;
  /** The files of the model in the format that it came in, by name. */
  save(): Promise<ReadonlyMap<string, Uint8Array>>;
  /** The file that the model is, unless it is one of TensorFlow.js. */
  file?(): Promise<ModelFile>;
}

/** How large and how sparse a weight is. */
export interface Facts {
  readonly dtype: StoredDtype;
  readonly elements: number;
  readonly nonZeros: number;
  readonly bytes: number;
}

/** What a technique made of a model: what it changed, and what it left alone and why. */
export interface Transformed<Model extends OpenModel = OpenModel> {
  readonly model: Model;
  readonly changed: readonly {readonly name: string; readonly before: Facts; readonly after: Facts}[];
  readonly kept: readonly Kept[];
}

/** A weight that a technique left as it is. */
export interface Kept {
  readonly name: string;
  readonly reason: string;
}
