import {compressWithReport} from 'tfjs-model-optimization/compression';
import {encodeFile} from '../../src/formats/tfmz/encode/encode-file.ts';
import {decodeFile} from '../../src/formats/tfmz/format/decode-file.ts';
import {meterOf} from '../../src/formats/tfmz/format/meter.ts';
import {atOnce} from '../../src/pace.ts';
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
      ? atOnce(encodeFile(artifacts, new Map(), encoding))
      : await compressWithReport(artifacts, options);
  atOnce(decodeFile(bytes, Number.POSITIVE_INFINITY, decoding));
  const rounded = (value: number): number => Math.round(value * 1000) / 1000;
  return {
    bytes: bytes.length,
    file: sha256(bytes).slice(0, 16),
    encoding: rounded(encoding.spent),
    decoding: rounded(decoding.spent),
  };
}
