import type {ModelArtifacts} from '../artifacts/artifacts.ts';
import type {StoredDtype} from '../artifacts/dtypes.ts';
import type {ChannelLevels, GraphOptions, Grid, Kept, Use} from '../artifacts/open-model.ts';
import type {Graph} from '../graph/graph.ts';

/** One weight in a model's file: what it is, and where its bytes lie. */
export interface PlacedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Where levels are stored, what they stand for, if that is the same for all. */
  readonly grid?: Grid;
  /** What uses it, with the axes of `shape`; none where nothing known does. */
  readonly uses: readonly Use[];
  /** `[from, to)` in the file. Ascending from weight to weight; none over another. */
  readonly from: number;
  readonly to: number;
  /**
   * Its bytes where the file has them otherwise, deflated or in pieces: `from` and `to` are the same then, and only
   * `patch` can put others.
   */
  readonly elsewhere?: Uint8Array;
  /** Decodes the bytes, where dtype and grid do not say how: a grid for each channel, numbers packed otherwise. */
  readonly decode?: (bytes: Uint8Array) => Float32Array;
  /** The other way round, onto the grids that the weight has; zero must come back as zero. */
  readonly encode?: (values: Float32Array) => Uint8Array;
}

/** A file, taken apart. */
export interface ReadFile {
  readonly places: readonly PlacedWeight[];
  /** What TensorFlow.js loads, where the file can be brought to that: with weights of the same names. */
  readonly artifacts?: ModelArtifacts;
  graph(options: GraphOptions): Promise<Graph> | Graph;
}

/** A file format of another toolkit: a folder with a file that exports one such object, and a row in `formats.ts`. */
export interface FileFormat {
  /**
   * Takes a file apart; decodes nothing yet, and imports its graph only when it is asked for.
   *
   * @throws TfmotError for a file that is not sound.
   */
  read(file: Uint8Array): ReadFile | Promise<ReadFile>;
  /**
   * The file with other bytes for some weights, by name, each as many as before. Without it they are put in their
   * places.
   *
   * @returns A new file.
   */
  patch?(file: Uint8Array, changed: ReadonlyMap<string, Uint8Array>): Uint8Array | Promise<Uint8Array>;
  /**
   * The file with some weights in 8 bits, by name, where the format has a place for them; and those that it has none
   * for.
   */
  withLevels?(
    file: Uint8Array,
    levels: ReadonlyMap<string, ChannelLevels>,
  ): {readonly file: Uint8Array; readonly kept: readonly Kept[]};
}
