import {readFileSync} from 'node:fs';
import {brotliCompressSync} from 'node:zlib';
import {describe, expect, test} from 'vitest';
import {seeded} from '../../../../testing/seeded.ts';
import {atOnce} from '../../../pace.ts';
import {crc32} from '../format/crc32.ts';
import {DICTIONARY} from '../format/dictionary.ts';
import {meterOf} from '../format/meter.ts';
import {encodeModel} from '../format/model-section.ts';
import {byteModel, codeBytes} from './byte-model.ts';
import {beginGrid, codeRow, gridModel} from './grid-model.ts';
import {rangeDecoder} from './range-decoder.ts';
import {rangeEncoder} from './range-encoder.ts';
import type {Version} from './version.ts';

/** Codes a grid, checks that it decodes, and returns its bytes over its zero-order entropy. */
function overEntropy(version: Version, levels: Int32Array, columns: number, period = 1): number {
  const coder = rangeEncoder();
  const model = gridModel(version);
  beginGrid(model, columns, period);
  for (let at = 0; at < levels.length; at += columns)
    codeRow(model, coder, levels.slice(at, at + columns), Math.min(columns, levels.length - at));
  const bytes = coder.finish();
  const decoder = rangeDecoder(bytes);
  const decoding = gridModel(version);
  beginGrid(decoding, columns, period);
  const decoded = new Int32Array(levels.length);
  const row = new Int32Array(columns);
  for (let at = 0; at < levels.length; at += columns) {
    const length = Math.min(columns, levels.length - at);
    codeRow(decoding, decoder, row, length);
    decoded.set(row.subarray(0, length), at);
  }
  decoder.finish();
  expect(Buffer.compare(new Uint8Array(decoded.buffer), new Uint8Array(levels.buffer))).toBe(0);
  const counts = new Map<number, number>();
  for (const level of levels) counts.set(level, (counts.get(level) ?? 0) + 1);
  const bits = [...counts.values()].reduce((sum, count) => sum - count * Math.log2(count / levels.length), 0);
  return (8 * bytes.length) / bits;
}

describe.each([1, 2] as const)('format %d', version => {
  test.each([
    [0.5, 200],
    [0.1, 200],
    [0.03, 500],
    [0.01, 1000],
  ])('random masks of density %d with uniform levels cost at most 1 % over entropy', (density, rows) => {
    const random = seeded(4);
    const level = (): number => (random() < 0.5 ? -1 : 1) * (1 + Math.floor(random() * 7));
    const levels = Int32Array.from({length: rows * 1000}, () => (random() < density ? level() : 0));
    expect(overEntropy(version, levels, 1000)).toBeLessThan(1.01);
  });

  test('rows and columns of different density cost less than their entropy', () => {
    const random = seeded(5);
    const rows = Float64Array.from({length: 300}, () => random() ** 3);
    const columns = Float64Array.from({length: 200}, () => random() ** 3);
    const levels = Int32Array.from({length: 60_000}, (_, i) =>
      random() < rows[Math.floor(i / 200)]! * columns[i % 200]! ? 1 : 0,
    );
    expect(overEntropy(version, levels, 200)).toBeLessThan(0.85);
  });

  test('dead rows that come back every 28 rows are foreseen', () => {
    const random = seeded(6);
    const levels = Int32Array.from({length: 784 * 100}, (_, i) => {
      const pixel = Math.floor(i / 100) % 28;
      return pixel > 5 && pixel < 22 && random() < 0.1 ? 1 : 0;
    });
    const ratio = overEntropy(version, levels, 100, 28);
    expect(ratio).toBeLessThan(0.9);
  });

  test('2:4 groups and 4x1 blocks cost what their choice costs', () => {
    const random = seeded(7);
    const groups = new Int32Array(256 * 256);
    for (let i = 0; i < groups.length; i += 4) {
      const first = Math.floor(random() * 4);
      groups[i + first] = 1;
      groups[i + ((first + 1 + Math.floor(random() * 3)) & 3)] = 1;
    }
    // log2(6) / 4 bits a weight, where a mask of half zeros has 1.
    expect(overEntropy(version, groups, 256)).toBeLessThan((Math.log2(6) / 4) * 1.06);
    const blocks = new Int32Array(256 * 256);
    for (let r = 0; r < 256; r += 4) {
      for (let c = 0; c < 256; c++) if (random() < 0.1) for (let i = 0; i < 4; i++) blocks[(r + i) * 256 + c] = 1;
    }
    expect(overEntropy(version, blocks, 256)).toBeLessThan(0.29);
  });

  test('bytes that tell nothing cost hardly more than themselves, repeats next to nothing', () => {
    const random = seeded(8);
    const noise = Uint8Array.from({length: 20_000}, () => random() * 256);
    const coder = rangeEncoder();
    codeBytes(byteModel(version), coder, noise, 0, noise.length);
    expect(coder.finish().length).toBeLessThan(noise.length * 1.01);
    const twice = Uint8Array.of(...noise, ...noise);
    const again = rangeEncoder();
    codeBytes(byteModel(version), again, twice, 0, twice.length);
    expect(again.finish().length).toBeLessThan(noise.length * 1.02);
  });

  test('a topology costs a fraction of what brotli takes', () => {
    const layers = [16, 32, 10].map((units, i) => ({
      class_name: 'Dense',
      config: {
        units,
        activation: i < 2 ? 'tanh' : 'softmax',
        use_bias: true,
        kernel_constraint: null,
        name: `layer_${i}`,
        trainable: true,
      },
    }));
    const modelTopology = {
      class_name: 'Sequential',
      config: {name: 'classifier', layers},
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    };
    const head = {
      modelTopology,
      weightSpecs: layers.map(
        ({config}) => ({name: `${config.name}/kernel`, shape: [8, config.units], dtype: 'float32'}) as const,
      ),
    };
    const bytes = atOnce(encodeModel(version, {head, stringBytes: []}, meterOf())).payload.length;
    expect(bytes).toBeLessThan(brotliCompressSync(JSON.stringify(head)).length / 2);
  });
});

test('the dictionary is the one that the format names', () => {
  const bytes = new TextEncoder().encode(DICTIONARY);
  expect(bytes.length).toBe(DICTIONARY.length);
  const guide = readFileSync(new URL('../../../../docs/guide/compression.md', import.meta.url), 'utf8');
  const checksum = crc32(bytes).toString(16).padStart(8, '0');
  expect(guide).toContain(`${bytes.length.toLocaleString('en')} bytes, CRC-32 \`${checksum}\``);
});
