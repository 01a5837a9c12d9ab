import {artifactsOf, type ModelArtifacts, type SavableModel} from '../artifacts/artifacts.ts';

/** What yields artifacts when asked, such as `compressed('/model.tfmz')` or any of TensorFlow.js' IO handlers. */
export interface ModelLoader {
  load(): Promise<object>;
}

/** The forms in which a model may be given to `compile`: live, as artifacts, as a `.tfmz` file, or still to be loaded. */
export type ModelSource = SavableModel | ModelArtifacts | Uint8Array | ModelLoader;

/**
 * The artifacts of a model in any form. The decoder of `.tfmz` is only fetched when there are bytes to decode.
 *
 * @throws TfmotError `unsupported-model` for anything else, `corrupt-file` for bytes that are no `.tfmz` file.
 */
export async function sourceArtifacts(source: ModelSource): Promise<ModelArtifacts> {
  if (source instanceof Uint8Array) {
    const {decompress} = await import('../formats/tfmz/decompress.ts');
    return decompress(source);
  }
  const loader = source as Partial<ModelLoader> | null | undefined;
  if (typeof loader?.load === 'function') return artifactsOf((await loader.load()) as ModelArtifacts);
  return artifactsOf(source as SavableModel | ModelArtifacts);
}
