import type {ModelArtifacts} from '../src/artifacts/artifacts.ts';
import {encodeFile} from '../src/formats/tfmz/encode/encode-file.ts';
import {meterOf} from '../src/formats/tfmz/format/meter.ts';
import {atOnce} from '../src/pace.ts';

/** The `.tfmz` file of artifacts, without loss, in one go. */
export function encoded(artifacts: ModelArtifacts): Uint8Array {
  return atOnce(encodeFile(artifacts, new Map(), meterOf())).bytes;
}
