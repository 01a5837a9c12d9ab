import type {WeightSpec} from '../../../artifacts/artifacts.ts';
import {TfmotError} from '../../../errors.ts';
import type {Steps} from '../../../pace.ts';
import type {BitCoder} from '../coder/bit-coder.ts';
import {type ByteModel, byteModel, codeBytes} from '../coder/byte-model.ts';
import {BYTE, BYTE_MODEL} from '../coder/costs.ts';
import {codeNumber} from '../coder/numbers.ts';
import {rangeDecoder} from '../coder/range-decoder.ts';
import {rangeEncoder} from '../coder/range-encoder.ts';
import type {Version} from '../coder/version.ts';
import {DICTIONARY} from './dictionary.ts';
import type {Meter} from './meter.ts';

/** Everything of a model but its weight bytes. */
export interface ModelHead {
  readonly modelTopology: object;
  readonly weightSpecs: readonly WeightSpec[];
  /** Whatever else the artifacts said, as JSON. */
  readonly [field: string]: unknown;
}

/** A head and how many bytes each of its string weights takes, in order. */
export interface ModelSection {
  readonly head: ModelHead;
  readonly stringBytes: readonly number[];
}

/** Bytes that are coded in one go. */
const PIECE = 512;
const LEARNING: BitCoder = {bit: bit => bit, raw: value => value};
const primed: {[version in Version]?: ByteModel} = {};

/** A byte model that has read the dictionary. Reading takes some milliseconds, so it is read once and copied. */
function* primedModel(version: Version, meter: Meter): Steps<ByteModel> {
  let model = primed[version];
  if (model === undefined) {
    model = byteModel(version);
    const dictionary = new TextEncoder().encode(DICTIONARY);
    for (let from = 0; from < dictionary.length; from += PIECE) {
      codeBytes(model, LEARNING, dictionary, from, Math.min(dictionary.length, from + PIECE));
      yield;
    }
    primed[version] = model;
  }
  meter.spend(BYTE_MODEL[version]);
  const {mixture, hashes, history, seen} = model;
  const copy = new Uint8Array(history.length);
  copy.set(history.subarray(0, model.at));
  return {
    ...model,
    hashes: hashes.slice(),
    history: copy,
    seen: seen.slice(),
    mixture: {
      ...mixture,
      slots: mixture.slots.slice(),
      weights: mixture.weights.slice(),
      coded: mixture.coded.slice(),
    },
  };
}

/**
 * The payload of the model section: the JSON text as UTF-8, then the lengths of the string weights.
 *
 * @throws TfmotError `unsupported-model` when the head is no JSON.
 */
export function* encodeModel(
  version: Version,
  {head, stringBytes}: ModelSection,
  meter: Meter,
): Steps<{readonly payload: Uint8Array; readonly textBytes: number}> {
  const {modelTopology, weightSpecs, ...rest} = head;
  const text = new TextEncoder().encode(jsonOf({modelTopology, ...rest, weightSpecs}));
  const coder = rangeEncoder();
  codeNumber(coder, text.length);
  yield* codeText(version, coder, text, meter);
  for (const bytes of stringBytes) codeNumber(coder, bytes);
  return {payload: coder.finish(), textBytes: text.length};
}

/**
 * Reads what {@link encodeModel} wrote.
 *
 * @throws TfmotError `corrupt-file` when the payload does not hold a model's JSON with sound weight specs,
 *     `memory-limit` when the budget ends.
 */
export function* decodeModel(version: Version, payload: Uint8Array, meter: Meter): Steps<ModelSection> {
  const coder = rangeDecoder(payload);
  const length = codeNumber(coder, 0);
  meter.check(length * BYTE);
  const text = new Uint8Array(length);
  yield* codeText(version, coder, text, meter);
  const head = parseHead(text);
  const stringBytes = head.weightSpecs.filter(spec => spec.dtype === 'string').map(() => codeNumber(coder, 0));
  coder.finish();
  return {head, stringBytes};
}

function* codeText(version: Version, coder: BitCoder, text: Uint8Array, meter: Meter): Steps<void> {
  const model = yield* primedModel(version, meter);
  for (let from = 0; from < text.length; from += PIECE) {
    const to = Math.min(text.length, from + PIECE);
    meter.spend((to - from) * BYTE);
    codeBytes(model, coder, text, from, to);
    yield;
  }
}

function jsonOf(head: object): string {
  try {
    return JSON.stringify(head);
  } catch (cause) {
    throw new TfmotError(
      'unsupported-model',
      "A model's topology must be plain JSON without circles. Pass what the model saves.",
      {
        cause,
      },
    );
  }
}

function parseHead(text: Uint8Array): ModelHead {
  let head: Partial<ModelHead> | null;
  try {
    head = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(text)) as Partial<ModelHead> | null;
  } catch (cause) {
    throw new TfmotError('corrupt-file', "A .tfmz file's topology must be JSON, but does not parse. Fetch it again.", {
      cause,
    });
  }
  if (!isRecord(head) || !isRecord(head['modelTopology']) || !Array.isArray(head['weightSpecs']))
    throw unsound('it is not a model');
  head.weightSpecs.forEach((spec, i) => {
    if (
      !isRecord(spec) ||
      typeof spec['name'] !== 'string' ||
      typeof spec['dtype'] !== 'string' ||
      !isShape(spec['shape'])
    )
      throw unsound(`weight ${i} has no name, dtype or shape`);
    if (spec['quantization'] !== undefined && !isRecord(spec['quantization']))
      throw unsound(`weight ${i} has no sound quantization`);
  });
  return head as unknown as ModelHead;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isShape(value: unknown): boolean {
  return Array.isArray(value) && value.every(extent => Number.isSafeInteger(extent) && (extent as number) >= 0);
}

function unsound(why: string): TfmotError {
  return new TfmotError(
    'corrupt-file',
    `A .tfmz file must hold a model's topology and weight specs, but ${why}. Fetch it again.`,
  );
}
