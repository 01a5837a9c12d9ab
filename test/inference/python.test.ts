import {readdirSync, readFileSync} from 'node:fs';
import {setFlagsFromString} from 'node:v8';
import {expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import type {SavedBy} from '../../src/formats/keras/saved-by.ts';
import {savedBy} from '../../src/formats/keras/saved-by.ts';
import {compile} from '../../src/inference/index.ts';
import {relativeError} from './_compare.ts';

setFlagsFromString('--experimental-wasm-relaxed-simd');

/** A model of one Keras version, with what Python computed; see tools/keras. */
interface Sample {
  readonly keras: string;
  /** As `.h5` files and converted models have it. */
  readonly topology: object;
  /** As `to_json` writes it. */
  readonly json?: object;
  readonly weights: readonly {name: string; shape: number[]; dtype: 'float32' | 'int32'; data: string}[];
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly outputs: readonly Numbers[];
}

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const folder = new URL('../fixtures/keras/', import.meta.url);
const CASES = readdirSync(folder).flatMap(file => {
  const samples = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Record<SavedBy, Sample>;
  return (['keras-2', 'keras-3'] as const).map(version => ({file, version, sample: samples[version]}));
});

function artifactsOf({weights, topology}: Sample, modelTopology = topology): ModelArtifacts {
  return {
    modelTopology,
    weightSpecs: weights.map(({name, shape, dtype}) => ({name, shape, dtype})),
    weightData: weights.map(({data}) => Uint8Array.from(Buffer.from(data, 'base64')).buffer),
  };
}

/** Half floats are computed with as floats: right to half a float's places. */
const toleranceOf = (file: string): number => (file === 'half.json' ? 2e-3 : 1e-5);

test.each(CASES)('$file of $version computes what Python does', async ({file, version, sample}) => {
  const topologies = [sample.topology, ...(sample.json === undefined ? [] : [sample.json])];
  for (const topology of topologies) {
    const artifacts = artifactsOf(sample, topology);
    expect(savedBy(artifacts)).toBe(version);
    for (const run of [{variant: 'simd'}, {variant: 'relaxed', batchSize: 2}] as const) {
      const engine = await compile(artifacts, run);
      const inputs = Object.fromEntries(
        engine.inputs.map(({name}, i) => {
          const known = sample.inputs[name] ?? Object.values(sample.inputs)[i]!;
          return [name, Float32Array.from(known.values)];
        }),
      );
      const outputs = Object.values(await engine.predict(inputs));
      expect(outputs).toHaveLength(sample.outputs.length);
      sample.outputs.forEach(({shape, values}, i) => {
        expect([2, ...engine.outputs[i]!.shape]).toEqual(shape);
        expect(relativeError(outputs[i]!, values), `output ${i} (${engine.outputs[i]!.name})`).toBeLessThan(
          toleranceOf(file),
        );
      });
      engine.dispose();
    }
  }
});
