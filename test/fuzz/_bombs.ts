import type {WeightSpec} from '../../src/artifacts/artifacts.ts';
import type {Version} from '../../src/formats/tfmz/coder/version.ts';
import {SECTION, type Section, writeContainer} from '../../src/formats/tfmz/format/container.ts';
import {meterOf} from '../../src/formats/tfmz/format/meter.ts';
import {encodeModel} from '../../src/formats/tfmz/format/model-section.ts';
import type {TensorCoding} from '../../src/formats/tfmz/format/tensor/tensor-header.ts';
import {placeTensors} from '../../src/formats/tfmz/format/tensors.ts';
import {encodeWeights} from '../../src/formats/tfmz/format/weights-section.ts';
import {atOnce} from '../../src/pace.ts';

/** One weight of `words`, coded as said, in each of `sections` sections. */
interface Bomb {
  readonly sections: number;
  readonly words: Uint32Array;
  readonly coding: TensorCoding;
  readonly version?: Version;
  readonly shape?: readonly number[];
}

function bomb({sections, words, coding, version = 2, shape = [1, words.length]}: Bomb): Uint8Array {
  const spec = (name: string): WeightSpec => ({name, shape, dtype: 'float32'});
  const specs = Array.from({length: sections}, (_, i) => spec(`${i}`));
  const one = placeTensors([spec('0')], []);
  const payload = atOnce(
    encodeWeights(version, one, [coding], 0, 1, new Uint8Array(words.buffer as ArrayBuffer), meterOf()),
  );
  const model = {head: {modelTopology: {}, weightSpecs: specs}, stringBytes: []};
  const coded = atOnce(encodeModel(version, model, meterOf())).payload;
  const all: Section[] = specs.map(() => ({kind: SECTION.weights, payload}));
  return writeContainer([{kind: SECTION.model, payload: coded}, ...all], version);
}

const zeros = (count: number): Uint32Array => new Uint32Array(count);
const filled = (count: number, value: number): Uint32Array =>
  new Uint32Array(new Float32Array(count).fill(value).buffer);
const linear: TensorCoding = {method: 'linear', columns: 1024, period: 1, scale: 1, running: false};
const float: TensorCoding = {method: 'float', columns: 1024, period: 1, shift: 0, top: 255};
const M = 2 ** 20;

/** Small files that cost as much as they can, each in another way. */
export const BOMBS: Readonly<Record<string, () => Uint8Array>> = {
  zeros: () => bomb({sections: 60, words: zeros(M), coding: linear}),
  'the highest level': () => bomb({sections: 8, words: filled(M / 4, 2 ** 30), coding: linear}),
  'the highest level, format 1': () => bomb({sections: 8, words: filled(M / 4, 2 ** 30), coding: linear, version: 1}),
  'floats far below the top': () => bomb({sections: 4, words: filled(M / 8, 1e-38), coding: float}),
  'zeros of both signs': () =>
    bomb({sections: 40, words: zeros(M), coding: {method: 'signed', inner: {...float, top: 1}}}),
  bytes: () => bomb({sections: 9, words: zeros(M / 16), coding: {method: 'bytes'}}),
  'bytes, format 1': () => bomb({sections: 9, words: zeros(M / 16), coding: {method: 'bytes'}, version: 1}),
  indices: () =>
    bomb({
      sections: 9,
      words: zeros(M / 4),
      coding: {method: 'indices', columns: 1024, period: 1, palette: Uint32Array.of(0, 1), zero: 0, step: 0},
    }),
  'rows of one word': () => bomb({sections: 40, words: zeros(M), coding: {...linear, columns: 1}}),
  'models of grids': () => bomb({sections: 20_000, words: zeros(1), coding: {...linear, columns: 1}}),
  'models of floats': () => bomb({sections: 20_000, words: zeros(1), coding: {...float, columns: 1}, shape: [1]}),
  'models of bytes': () => bomb({sections: 3000, words: zeros(1), coding: {method: 'bytes'}}),
  'models of bytes, format 1': () => bomb({sections: 9000, words: zeros(1), coding: {method: 'bytes'}, version: 1}),
  'wide grids': () => bomb({sections: 700, words: zeros(65_536), coding: {...linear, columns: 65_536}}),
  'long periods': () => bomb({sections: 170, words: zeros(2 ** 18), coding: {...linear, columns: 1, period: 2 ** 18}}),
  palettes: () =>
    bomb({
      sections: 45,
      words: zeros(65_536),
      coding: {
        method: 'palette',
        columns: 1024,
        period: 1,
        palette: Uint32Array.from({length: 65_536}, (_, i) => i * 30_011)
          .map(word => word % 0x7f000000)
          .sort(),
        zero: 0,
        step: 0,
      },
    }),
  copies: () => {
    const count = 50_000;
    const copies = {
      gaps: zeros(count),
      lengths: zeros(count).fill(1),
      distances: zeros(count).fill(4),
    };
    copies.gaps[0] = 1;
    return bomb({
      sections: 19,
      words: zeros(count + 1),
      coding: {method: 'pieces', copies, inner: {method: 'bytes'}},
    });
  },
  constants: () =>
    bomb({
      sections: 60,
      words: zeros(M),
      coding: {method: 'palette', columns: 1024, period: 1, palette: Uint32Array.of(1), zero: 0, step: 0},
    }),
};
