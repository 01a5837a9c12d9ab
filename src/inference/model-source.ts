import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import type {GraphOptions, InputShapes, OpenModel} from '../artifacts/open-model.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {isTfmotError, TfmotError} from '../errors.ts';
import type {Graph} from '../graph/graph.ts';
import {show} from '../show.ts';

/** What yields artifacts when asked, such as `compressed('/model.tfmz')` or any of TensorFlow.js' IO handlers. */
export interface ModelLoader {
  load(): Promise<object>;
}

/**
 * The forms in which a model may be given to `compile`: all that `open` takes, a live model, an open one, or one still
 * to be loaded.
 */
export type ModelSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | readonly File[]
  | ModelArtifacts
  | SavableModel
  | OpenModel
  | ModelLoader;

/** How to get at a model. */
export interface SourceOptions extends Pick<GraphOptions, 'cut'> {
  readonly inputShapes: InputShapes;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  /** Names of tensors that stay. */
  readonly keep?: readonly string[];
}

/**
 * The inference graph of a model in any form. What reads files, decodes and imports is only fetched when it is needed.
 *
 * @throws TfmotError `unsupported-model` for anything else, and what reading and importing throw. The signal's reason
 *     when it is aborted.
 */
export async function graphOfSource(source: ModelSource, options: SourceOptions): Promise<Graph> {
  const {inputShapes, cut, signal, keep} = options;
  signal?.throwIfAborted();
  const model = isOpenModel(source) ? source : await opened(source, options);
  refuseUnfinished(model, 'compile');
  return model.graph({inputShapes, cut, keep});
}

async function opened(
  source: Exclude<ModelSource, OpenModel>,
  {maxBytes, signal}: SourceOptions,
): Promise<Pick<OpenModel, 'unfinished' | 'graph'>> {
  if (typeof source !== 'string' && (typeof source !== 'object' || source === null))
    throw new TfmotError(
      'unsupported-model',
      `A model must be a URL, the bytes of a model's file, artifacts {modelTopology, weightSpecs, weightData}, a tf.LayersModel or a loader of one, but got ${show(source)}.`,
    );
  const {openSource} = await import('../formats/open.ts');
  const given = await (isLoader(source) ? loaded(source) : isSavable(source) ? artifactsOf(source) : source);
  const model = await openSource(given, maxBytes, signal === undefined ? {} : {signal});
  signal?.throwIfAborted();
  return model;
}

function isOpenModel(source: ModelSource): source is OpenModel {
  return typeof (source as Partial<OpenModel> | null)?.graph === 'function';
}

/** A live graph model can load, too, but predicts besides. */
function isLoader(source: object | string): source is ModelLoader {
  const {load, predict} = source as Partial<ModelLoader> & {readonly predict?: unknown};
  return typeof load === 'function' && typeof predict !== 'function';
}

/** A live model, or an object that is neither that nor anything else; its error says what a model must be. */
function isSavable(source: object | string): source is SavableModel {
  const kind = Object.prototype.toString.call(source);
  return kind === '[object Object]' && !ArrayBuffer.isView(source);
}

async function loaded(loader: ModelLoader): Promise<ModelArtifacts> {
  let artifacts: object;
  try {
    artifacts = await loader.load();
  } catch (cause) {
    if (isTfmotError(cause)) throw cause;
    throw new TfmotError('read-failed', `The loader of the model failed: ${show((cause as Error | null)?.message)}.`, {
      cause,
    });
  }
  return artifactsOf(artifacts as ModelArtifacts);
}
