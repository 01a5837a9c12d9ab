import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {artifactsOf, type ModelArtifacts, type WeightSpec} from '../../src/artifacts/artifacts.ts';
import {openArtifacts} from '../../src/formats/open-artifacts.ts';
import {pruneOneShot} from '../../src/oneshot/prune.ts';
import {quantizeWeights} from '../../src/oneshot/quantize-weights.ts';
import {checkLeaks} from '../../testing/leaks.ts';

checkLeaks();

/** A dense layer whose kernel is stored as levels, as any toolkit may have written them. */
function leveled(levels: Uint8Array | Uint16Array, scale: number, min: number): ModelArtifacts {
  const dtype = levels instanceof Uint8Array ? 'uint8' : 'uint16';
  const specs: WeightSpec[] = [
    {name: 'd/kernel', shape: [levels.length, 1], dtype: 'float32', quantization: {dtype, scale, min}},
    {name: 'd/bias', shape: [1], dtype: 'float32'},
  ];
  const bytes = new Uint8Array(levels.byteLength + 4);
  bytes.set(new Uint8Array(levels.buffer));
  const layers = [{class_name: 'Dense', config: {name: 'd', units: 1, batch_input_shape: [null, levels.length]}}];
  return {
    modelTopology: {class_name: 'Sequential', config: {name: 's', layers}},
    weightSpecs: specs,
    weightData: bytes.buffer,
  };
}

test('8 and 16 bits: kept weights keep their levels, removed ones decode to zero exactly, in TensorFlow.js too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.nat(255), {minLength: 4, maxLength: 40}),
      fc.double({min: 1e-4, max: 3, noNaN: true}),
      fc.nat(255),
      async (wide, raw, scale, zero) => {
        const levels = wide ? Uint16Array.from(raw, level => level * 257) : Uint8Array.from(raw);
        const unit = wide ? zero * 257 : zero;
        const artifacts = leveled(levels, scale, -(unit * scale));
        const {model} = await pruneOneShot(openArtifacts(artifacts), {sparsity: 0.5});
        const [kernel] = model.weights;
        expect(kernel!.dtype).toBe(wide ? 'uint16' : 'uint8');
        const after = kernel!.values();
        const [original] = openArtifacts(artifacts).weights;
        const values = original!.values();
        expect(after.filter(value => value !== 0).length).toBeLessThanOrEqual(Math.ceil(levels.length / 2));
        for (let i = 0; i < after.length; i++) if (after[i] !== 0) expect(after[i]).toBe(values[i]);
        const loaded = await tf.loadLayersModel({load: async () => model.artifacts as never});
        expect(loaded.getWeights()[0]!.dataSync()).toEqual(after);
        loaded.dispose();
      },
    ),
    {numRuns: 40},
  );
});

test('a grid without a zero widens to float32, and says so', async () => {
  const artifacts = leveled(Uint8Array.of(0, 1, 2, 3), 0.5, 0.2);
  const {model, changed} = await pruneOneShot(openArtifacts(artifacts), {sparsity: 0.5});
  expect(changed).toMatchObject([{name: 'd/kernel', before: {dtype: 'uint8'}, after: {dtype: 'float32', nonZeros: 2}}]);
  expect(model.weights[0]!.values()).toEqual(Float32Array.of(0, 0, Math.fround(1.2), Math.fround(1.7)));
});

test('halves stay halves, and what no technique touches keeps its bytes', async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({filters: 4, kernelSize: 3, inputShape: [6, 6, 2]}),
      tf.layers.batchNormalization(),
      tf.layers.prelu(),
    ],
  });
  const {report: _, ...half} = await quantizeWeights(model, {dtype: 'float16'});
  const open = openArtifacts(half);
  const {model: pruned, kept} = await pruneOneShot(open, {sparsity: 0.5});
  expect(pruned.weights.map(({dtype}) => dtype)).toEqual(open.weights.map(({dtype}) => dtype));
  for (const {name} of kept) {
    const [one, other] = [open, pruned].map(({weights}) => weights.find(weight => weight.name === name)!.bytes());
    expect(one).toEqual(other);
  }
  expect(kept.map(({reason}) => reason)).toEqual([
    'a bias',
    'a scale or shift of a normalisation',
    'a scale or shift of a normalisation',
    'slopes of an activation',
    'a statistic',
    'a statistic',
  ]);
  model.dispose();
});

test('an open model saves files that TensorFlow.js loads', async () => {
  const model = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [4]})]});
  const files = await openArtifacts(await artifactsOf(model)).save();
  const json = JSON.parse(new TextDecoder().decode(files.get('model.json')));
  const [{paths, weights}] = json.weightsManifest;
  const weightData = files.get(paths[0])!.slice().buffer;
  const loaded = await tf.loadLayersModel({load: async () => ({...json, weightSpecs: weights, weightData})});
  expect(loaded.getWeights()[0]!.dataSync()).toEqual(model.getWeights()[0]!.dataSync());
  loaded.dispose();
  model.dispose();
});

test('changes that fit no weight are refused', () => {
  const open = openArtifacts(leveled(Uint8Array.of(1, 2, 3, 4), 1, 0));
  const change = (name: string, length: number) => () =>
    open.withWeights(new Map([[name, {values: new Float32Array(length)}]]));
  expect(change('d/kern', 4)).toThrow("The model has no weight 'd/kern'. It has d/kernel, d/bias.");
  expect(change('d/kernel', 3)).toThrow("Weight 'd/kernel' of shape [4,1] needs 4 values, but got 3.");
  expect(change('d/kernel', 4)).not.toThrow();
});
