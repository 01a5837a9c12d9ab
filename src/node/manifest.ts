import type {WeightSpec} from '../artifacts/artifacts.ts';
import {TfmotError} from '../errors.ts';

/** Weights that follow one another in the files `paths`, as `model.json` lists them. */
export interface WeightGroup {
  readonly paths: readonly string[];
  readonly weights: readonly WeightSpec[];
}

const STORED_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Bytes that a weight takes in its file: those of its quantised form if it has one. */
export function storedBytes(spec: WeightSpec): number {
  const elements = spec.shape.reduce((product, size) => product * size, 1);
  return elements * STORED_BYTES[spec.quantization?.dtype ?? spec.dtype]!;
}

/**
 * Checks the `weightsManifest` of a `model.json`, so that nothing it says can reach outside the model's folder or ask
 * for more memory than its files hold.
 *
 * @throws TfmotError `invalid-model`, naming the first thing that is wrong.
 */
export function checkManifest(manifest: unknown, path: string): WeightGroup[] {
  if (!Array.isArray(manifest)) throw invalid(path, 'weightsManifest must be an array');
  const names = new Set<string>();
  for (const group of manifest as Partial<WeightGroup>[]) {
    if (!Array.isArray(group?.paths) || !Array.isArray(group?.weights)) {
      throw invalid(path, 'each group of weightsManifest must have the arrays paths and weights');
    }
    for (const file of group.paths) checkFileName(file, path);
    for (const spec of group.weights) checkSpec(spec, names, path);
  }
  return manifest as WeightGroup[];
}

function checkFileName(file: unknown, path: string): void {
  const inside = typeof file === 'string' && file !== '' && !/^[/\\]|^[a-z]+:|\0/i.test(file);
  if (!inside || file.split(/[/\\]/).includes('..')) {
    throw invalid(path, `a weight file must lie in the model's folder, but its path is ${JSON.stringify(file)}`);
  }
}

function checkSpec(spec: WeightSpec | null, names: Set<string>, path: string): void {
  const name = spec?.name;
  if (typeof name !== 'string' || names.has(name)) {
    throw invalid(path, `weight names must be different strings, but found ${JSON.stringify(name)}`);
  }
  names.add(name);
  const {shape, quantization} = spec!;
  if (!Array.isArray(shape) || !shape.every(size => Number.isSafeInteger(size) && size >= 0)) {
    throw invalid(path, `the shape of weight ${name} must be non-negative integers, not ${JSON.stringify(shape)}`);
  }
  const dtype: unknown = quantization === undefined ? spec!.dtype : quantization?.dtype;
  if (typeof dtype !== 'string' || !Object.hasOwn(STORED_BYTES, dtype)) {
    throw invalid(path, `weight ${name} has the dtype ${JSON.stringify(dtype)}, which cannot be read`);
  }
  if (!Number.isSafeInteger(storedBytes(spec!))) throw invalid(path, `weight ${name} is too large`);
}

function invalid(path: string, what: string): TfmotError {
  return new TfmotError('invalid-model', `${path} is not a model.json that can be read: ${what}.`);
}
