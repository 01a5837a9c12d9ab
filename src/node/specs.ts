import type {WeightSpec} from '../artifacts/artifacts.ts';
import {TfmotError} from '../errors.ts';
import {shown} from './manifest.ts';

const STORED_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** Bytes that weights take in their files: those of their quantised form if they have one. */
export const storedBytes = (specs: readonly WeightSpec[]): number =>
  specs.reduce((sum, spec) => sum + bytesOf(spec), 0);

/**
 * Checks what a model says about its weights.
 *
 * @param subject How the message of an error starts, such as `model.json cannot be read`.
 * @throws TfmotError `invalid-model`, naming the first thing that is wrong.
 */
export function checkSpecs(specs: readonly (WeightSpec | null)[], subject: string): void {
  const names = new Set<string>();
  for (const spec of specs) checkSpec(spec, names, subject);
}

function checkSpec(spec: WeightSpec | null, names: Set<string>, subject: string): void {
  const name = spec?.name;
  if (typeof name !== 'string' || names.has(name)) {
    throw invalid(subject, `weight names must be different strings, but found ${shown(name)}`);
  }
  names.add(name);
  const {shape, quantization} = spec!;
  if (!Array.isArray(shape) || !shape.every(size => Number.isSafeInteger(size) && size >= 0)) {
    throw invalid(subject, `the shape of weight ${shown(name)} must be non-negative integers, not ${shown(shape)}`);
  }
  const dtype: unknown = quantization === undefined ? spec!.dtype : quantization?.dtype;
  if (typeof dtype !== 'string' || !Object.hasOwn(STORED_BYTES, dtype)) {
    throw invalid(subject, `weight ${shown(name)} has the dtype ${shown(dtype)}, which is not known`);
  }
  if (!Number.isSafeInteger(bytesOf(spec!))) throw invalid(subject, `weight ${shown(name)} is too large`);
}

function bytesOf(spec: WeightSpec): number {
  const elements = spec.shape.reduce((product, size) => product * size, 1);
  return elements * STORED_BYTES[spec.quantization?.dtype ?? spec.dtype]!;
}

const invalid = (subject: string, what: string): TfmotError => new TfmotError('invalid-model', `${subject}: ${what}.`);
