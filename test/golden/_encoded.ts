import {compressWithReport} from 'tfjs-model-optimization/compression';
import {encodeFile} from '../../src/formats/tfmz/encode/encode-file.ts';
import {decodeFile} from '../../src/formats/tfmz/format/decode-file.ts';
import {type Meter, meterOf} from '../../src/formats/tfmz/format/meter.ts';
import type {Steps} from '../../src/pace.ts';
import {sha256} from './_digests.ts';
import {JUDGED} from './_encoder-models.ts';

/** A file that the encoder wrote. */
export interface Encoded {
  readonly bytes: number;
  readonly file: string;
  /** Decisions that encoding took, in all the ways that were tried (without loss; else 0), and that decoding takes. */
  readonly encoding: number;
  readonly decoding: number;
}

/** What the encoder makes of a judged model today. */
export async function encodedNow(name: string): Promise<Encoded> {
  const {artifacts, options} = JUDGED[name]!;
  const [encoding, decoding] = [meterOf(), meterOf()];
  const {bytes} =
    options === undefined
      ? watched(encodeFile(artifacts, new Map(), encoding), encoding)
      : await compressWithReport(artifacts, options);
  watched(decodeFile(bytes, Number.POSITIVE_INFINITY, decoding), decoding);
  const rounded = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    bytes: bytes.length,
    file: sha256(bytes).slice(0, 16),
    encoding: rounded(encoding.spent),
    decoding: rounded(decoding.spent),
  };
}

/**
 * Does work in one go.
 *
 * @throws Error when its progress ever goes back or beyond its end, or ends before it.
 */
function watched<T>(steps: Steps<T>, meter: Meter): T {
  for (let last = 0; ; last = meter.done) {
    const {done, value} = steps.next();
    if (meter.done < last || meter.done > meter.total)
      throw new Error(`Progress must go from ${last} to ${meter.total}, but is ${meter.done}.`);
    if (done === true && meter.done !== meter.total) throw new Error(`Progress ends at ${meter.done}.`);
    if (done === true) return value;
  }
}
