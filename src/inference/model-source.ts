import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';
import type {InputShapes, OpenModel} from '../artifacts/open-model.ts';
import {refuseUnfinished} from '../artifacts/unfinished.ts';
import {isTfmotError, TfmotError} from '../errors.ts';
import type {Graph} from '../graph/graph.ts';
import {show} from '../show.ts';

/** What yields artifacts when asked, such as `compressed('/model.tfmz')` or any of TensorFlow.js' IO handlers. */
export interface ModelLoader {
  load(): Promise<object>;
}

/**
 * The forms in which a model may be given to `compile`: the URL of a `.tfmz` file or of a `model.json`, the bytes of a
 * `.tfmz` file, artifacts, a live model, an open one, or one still to be loaded.
 */
export type ModelSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ModelArtifacts
  | SavableModel
  | OpenModel
  | ModelLoader;

/** How to get at a model. */
export interface SourceOptions {
  readonly inputShapes: InputShapes;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The inference graph of a model in any form. What reads files, decodes and imports is only fetched when it is needed.
 *
 * @throws TfmotError `unsupported-model` for anything else, and what reading and importing throw. The signal's reason
 *     when it is aborted.
 */
export async function graphOfSource(source: ModelSource, options: SourceOptions): Promise<Graph> {
  const {inputShapes, signal} = options;
  signal?.throwIfAborted();
  if (isOpenModel(source)) {
    refuseUnfinished(source, 'compile');
    return source.graph({inputShapes});
  }
  const artifacts = await artifactsOfSource(source, options);
  signal?.throwIfAborted();
  const {graphOf} = await import('../formats/keras/graph.ts');
  return graphOf(artifacts, inputShapes);
}

async function artifactsOfSource(
  source: Exclude<ModelSource, OpenModel>,
  options: SourceOptions,
): Promise<ModelArtifacts> {
  if (typeof source === 'string' || source instanceof URL) {
    const {fetchModel} = await import('../formats/fetch-model.ts');
    return fetchModel(source, options);
  }
  const bytes = await bytesOf(source);
  if (bytes !== null) return decoded(bytes, options.signal);
  if (typeof source !== 'object' || source === null)
    throw new TfmotError(
      'unsupported-model',
      `A model must be a URL, the bytes of a .tfmz file, artifacts {modelTopology, weightSpecs, weightData}, a tf.LayersModel or a loader of one, but got ${show(source)}.`,
    );
  if (typeof (source as Partial<ModelLoader>).load === 'function') return loaded(source as ModelLoader);
  return artifactsOf(source as SavableModel | ModelArtifacts);
}

function isOpenModel(source: ModelSource): source is OpenModel {
  return typeof (source as Partial<OpenModel> | null)?.graph === 'function';
}

/** The bytes that a source is, or null. By shape and not by `instanceof`: frames and tests have classes of their own. */
async function bytesOf(source: unknown): Promise<Uint8Array | null> {
  if (ArrayBuffer.isView(source)) {
    if (/^(Uint8(Clamped)?Array|Buffer)$/.test(source.constructor.name))
      return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    throw new TfmotError(
      'unsupported-model',
      `The bytes of a model must be a Uint8Array, but are a ${source.constructor.name}.`,
    );
  }
  const kind = Object.prototype.toString.call(source);
  if (kind === '[object ArrayBuffer]') return new Uint8Array(source as ArrayBuffer);
  if (kind === '[object Blob]' || kind === '[object File]') return new Uint8Array(await (source as Blob).arrayBuffer());
  return null;
}

async function decoded(bytes: Uint8Array, signal: AbortSignal | undefined): Promise<ModelArtifacts> {
  const {checkKind} = await import('../formats/kinds.ts');
  if (checkKind(bytes, 'The model') === 'json')
    throw new TfmotError(
      'unsupported-model',
      'A model.json names files beside it, which its bytes do not tell the place of. Give its URL instead.',
    );
  const {decompress} = await import('../formats/tfmz/decompress.ts');
  return await decompress(bytes, signal === undefined ? {} : {signal});
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
