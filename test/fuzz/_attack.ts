import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {isTfmotError} from '../../src/errors.ts';
import {isModelBytes} from '../../src/formats/tfmz/decompress.ts';
import {decodeFile} from '../../src/formats/tfmz/format/decode-file.ts';
import {INNER_FILES} from '../../src/formats/tfmz/format/inner-files.ts';
import {defaultLimits} from '../../src/formats/tfmz/format/limits.ts';
import {meterOf} from '../../src/formats/tfmz/format/meter.ts';
import {atOnce} from '../../src/pace.ts';
import type {Random} from '../../testing/seeded.ts';
import type {SoundFile} from './_files.ts';
import {mutated} from './_mutations.ts';
import {recoded} from './_recoded.ts';

/** What became of one file. */
export interface Fate {
  /** The code of the error; undefined when it was decoded. */
  readonly code?: string;
  readonly decisions: number;
  /** Bytes of weights; 0 when it was refused. */
  readonly bytes: number;
  readonly ms: number;
}

/** What became of a run of mutated files. */
export interface Toll {
  readonly files: number;
  /** Refused with a TfmotError, by its code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly decoded: number;
  /** The most decisions of a file, over what it may take. */
  readonly dearest: number;
  /** The most bytes of weights of a file that was decoded, over what it may have. */
  readonly largest: number;
  readonly slowest: Fate;
}

/**
 * Decodes one file within the default limits, or fewer decisions.
 *
 * @throws Error when it does anything but decode or throw a TfmotError; it holds the file as base64.
 */
export function fateOf(file: Uint8Array, maxDecisions: number = defaultLimits(file.length).maxDecisions): Fate {
  const meter = meterOf(maxDecisions);
  const started = performance.now();
  let outcome: {code: string; bytes: number} | {bytes: number};
  try {
    const decoded = atOnce(decodeFile(file, defaultLimits(file.length).maxBytes, meter, INNER_FILES));
    outcome = {bytes: isModelBytes(decoded) ? decoded.bytes.length : bytesOf(decoded)};
  } catch (error) {
    if (!isTfmotError(error))
      throw new Error(`A file must decode or be refused: ${Buffer.from(file).toString('base64')}`, {cause: error});
    outcome = {code: error.code, bytes: 0};
  }
  return {...outcome, decisions: meter.spent, ms: performance.now() - started};
}

/** Decodes `count` mutated files: half of them changed byte by byte, half recoded. */
export function attack(files: readonly SoundFile[], count: number, random: Random, maxDecisions?: number): Toll {
  const refused: Record<string, number> = {};
  let decoded = 0;
  let dearest = 0;
  let largest = 0;
  let slowest: Fate = {decisions: 0, bytes: 0, ms: 0};
  const plain = files.map(({bytes}) => bytes);
  for (let i = 0; i < count; i++) {
    const file = i % 2 === 0 ? mutated(plain, random) : recoded(files[Math.floor(random() * files.length)]!, random);
    const fate = fateOf(file, maxDecisions);
    const limits = defaultLimits(file.length);
    if (fate.code === undefined) decoded++;
    else refused[fate.code] = (refused[fate.code] ?? 0) + 1;
    dearest = Math.max(dearest, fate.decisions / (maxDecisions ?? limits.maxDecisions));
    largest = Math.max(largest, fate.bytes / limits.maxBytes);
    if (fate.ms > slowest.ms) slowest = fate;
  }
  return {files: count, refused, decoded, dearest, largest, slowest};
}

function bytesOf({weightData}: ModelArtifacts): number {
  return (weightData as ArrayBuffer).byteLength;
}
