import {readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import {beforeAll, expect, test} from 'vitest';
import type {ModelArtifacts} from '../../src/artifacts/artifacts.ts';
import {artifactsOf} from '../../src/artifacts/artifacts.ts';
import {compile, isTfmotError} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {seeded} from '../../testing/seeded.ts';
import {FULL} from '../_needs.ts';

checkLeaks();

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const MUTANTS = FULL ? 20_000 : 700;
const STRANGE: readonly unknown[] = [
  null,
  -1,
  0,
  1,
  2.5,
  1e9,
  2 ** 53,
  '',
  'relu',
  'same',
  [],
  [1],
  [2, 2],
  {},
  true,
  NaN,
  'constructor',
  '__proto__',
  // What fails when it is turned into text or a number.
  {toString: 1, valueOf: 1},
  [{toString: 1, valueOf: 1}],
  {length: 3},
  -(2 ** 31),
];

function models(): tf.LayersModel[] {
  const L = tf.layers;
  const image = tf.input({shape: [6, 6, 2]});
  const branch = (size: number) =>
    L.conv2d({filters: 3, kernelSize: size, padding: 'same'}).apply(image) as tf.SymbolicTensor;
  const merged = L.add().apply([branch(1), branch(3)]) as tf.SymbolicTensor;
  const pooled = L.globalAveragePooling2d({}).apply(L.batchNormalization().apply(merged)) as tf.SymbolicTensor;
  return [
    tf.model({inputs: image, outputs: L.dense({units: 2, activation: 'softmax'}).apply(pooled) as tf.SymbolicTensor}),
    tf.sequential({
      layers: [
        L.zeroPadding2d({inputShape: [5, 5, 1]}),
        L.depthwiseConv2d({kernelSize: 2}),
        L.upSampling2d({size: [2, 2]}),
        L.maxPooling2d({}),
        L.reshape({targetShape: [9, 4]}),
        L.permute({dims: [2, 1]}),
        L.bidirectional({layer: L.gru({units: 3, returnSequences: true}) as tf.RNN}),
        L.timeDistributed({layer: L.dense({units: 2})}),
        L.flatten(),
        L.layerNormalization(),
        L.repeatVector({n: 2}),
      ],
    }),
  ];
}

/** Every place of a JSON value that can be changed. */
function places(value: unknown, found: [Record<string, unknown>, string][] = []): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value as Record<string, unknown>, key]);
    places((value as Record<string, unknown>)[key], found);
  }
  return found;
}

function mutate(artifacts: ModelArtifacts, random: () => number): ModelArtifacts {
  const {weightData: _, ...json} = artifacts;
  const copy = JSON.parse(JSON.stringify(json)) as ModelArtifacts;
  const all = places(copy);
  for (let i = 0; i < 1 + random() * 2; i++) {
    const [holder, key] = all[Math.floor(random() * all.length)]!;
    const action = random();
    if (action < 0.2) delete holder[key];
    else if (action < 0.5) holder[key] = all[Math.floor(random() * all.length)]![0];
    else if (action < 0.6 && typeof holder[key] === 'number')
      holder[key] = (holder[key] as number) + (random() < 0.5 ? 1 : -1);
    else holder[key] = STRANGE[Math.floor(random() * STRANGE.length)];
  }
  return {...copy, weightData: artifacts.weightData};
}

/** Models of Keras 2 and 3 as Python saved them. */
function pythonModels(): ModelArtifacts[] {
  return ['nested', 'recurrent', 'images', 'masked', 'normalizations'].flatMap(name => {
    const file = new URL(`../fixtures/keras/${name}.json`, import.meta.url);
    const samples: SampleOfKeras[] = Object.values(JSON.parse(readFileSync(file, 'utf8')));
    return samples.map(({topology, weights}) => ({
      modelTopology: topology,
      generatedBy: 'keras',
      weightSpecs: weights.map(({name, shape, dtype}) => ({name, shape, dtype})),
      weightData: Uint8Array.from(weights.flatMap(({data}) => [...Buffer.from(data, 'base64')])).buffer,
    }));
  });
}

interface SampleOfKeras {
  readonly topology: object;
  readonly weights: readonly {name: string; shape: number[]; dtype: 'float32'; data: string}[];
}

/** Compiles and runs a model: 'ran', or the code of the refusal; any other error is thrown on. */
async function fate(artifacts: ModelArtifacts): Promise<string> {
  try {
    const engine = await compile(artifacts, {maxMemoryBytes: 2 ** 24});
    const inputs = engine.inputs.map(({shape}) => new Float32Array(shape.reduce((product, size) => product * size, 1)));
    expect(await engine.predict(inputs)).toHaveLength(engine.outputs.length);
    return 'ran';
  } catch (error) {
    if (isTfmotError(error)) return error.code;
    throw new Error(JSON.stringify(artifacts.modelTopology), {cause: error});
  }
}

test(`${MUTANTS} damaged models run or are refused with a code`, async () => {
  const originals = [...(await Promise.all(models().map(model => artifactsOf(model as never)))), ...pythonModels()];
  const random = seeded(2024);
  let refused = 0;
  for (let i = 0; i < MUTANTS; i++) {
    if ((await fate(mutate(originals[i % originals.length]!, random))) !== 'ran') refused++;
  }
  expect(refused).toBeGreaterThan(MUTANTS / 5);
  expect(refused).toBeLessThan(MUTANTS);
  tf.disposeVariables();
});

test('a value of the wrong kind anywhere is refused with a code, or does not matter', {timeout: 600_000}, async () => {
  const originals = [...(await Promise.all(models().map(model => artifactsOf(model as never)))), ...pythonModels()];
  const everywhere = FULL;
  let tried = 0;
  for (const original of originals) {
    const {weightData, ...json} = original;
    const count = places(json).length;
    for (let place = 0; place < count; place += everywhere ? 1 : 47) {
      for (const strange of [{toString: 1, valueOf: 1}, [{toString: 1}], [[]], 2 ** 53, Number.NaN, null, 'wave']) {
        const copy = JSON.parse(JSON.stringify(json)) as ModelArtifacts;
        const [holder, key] = places(copy)[place]!;
        holder[key] = strange;
        await fate({...copy, weightData});
        tried++;
      }
    }
  }
  expect(tried).toBeGreaterThan(500);
  tf.disposeVariables();
});
