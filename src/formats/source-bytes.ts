import {TfmotError} from '../errors.ts';

/**
 * The bytes that a source is, or null. By shape and not by `instanceof`: frames and tests have classes of their own.
 *
 * @throws TfmotError `unsupported-model` for an array of other numbers.
 */
export async function bytesOf(source: unknown): Promise<Uint8Array | null> {
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
