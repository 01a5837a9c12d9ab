import {readdirSync, readFileSync} from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import {strToU8, type Zippable, zipSync} from 'fflate';
import {beforeAll, describe, expect, test} from 'vitest';
import {storedWeights, valuesOf} from '../../src/artifacts/stored-weights.ts';
import {patchKerasFile} from '../../src/formats/keras/file/patch.ts';
import {readKerasFile} from '../../src/formats/keras/file/read.ts';
import {fromValues} from '../../src/formats/keras/file/values.ts';
import {open} from '../../src/formats/open.ts';
import {readMember, readZip} from '../../src/formats/zip/zip.ts';
import {compile} from '../../src/inference/index.ts';
import {checkLeaks} from '../../testing/leaks.ts';
import {FULL, fullRun, KERAS_MODELS, kerasModels, unmet} from '../_needs.ts';
import {relativeError} from '../inference/_compare.ts';

interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Inputs, and what Python computed from them; see tools/keras/files.py. */
interface Facts {
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly outputs: readonly Numbers[];
}

const folder = new URL('../fixtures/keras-files/', import.meta.url);
const bytesOf = (file: string, where = folder): Uint8Array => new Uint8Array(readFileSync(new URL(file, where)));
const factsOf = (file: string, where = folder): Facts =>
  JSON.parse(readFileSync(new URL(file.replace(/\.(h5|keras)$/, '.json'), where), 'utf8')) as Facts;

/** Every file with a model that is read whole. */
const FILES = readdirSync(folder).filter(file => /\.k[23]\.(h5|keras)$/.test(file));
/** Models with layers that no one here knows. */
const STRANGE = /^unknown/;
/** Half floats are computed with as floats: right to half a float's places. */
const toleranceOf = (file: string): number => (file.startsWith('half') ? 2e-3 : 1e-5);

checkLeaks();
beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Expects that the engine gives Python's numbers for a file. */
async function expectSame(file: string, where = folder): Promise<void> {
  const {kerasMajor, kind, artifacts} = readKerasFile(bytesOf(file, where));
  expect([kerasMajor, kind]).toEqual([file.includes('.k2.') ? 2 : 3, file.endsWith('.h5') ? 'keras-h5' : 'keras']);
  const {inputs, outputs} = factsOf(file, where);
  const engine = await compile(artifacts, {variant: 'simd'});
  const given = Object.fromEntries(
    engine.inputs.map(({name}, i) => {
      const known = inputs[name] ?? Object.values(inputs)[i]!;
      return [name, Float32Array.from(known.values)];
    }),
  );
  const got = Object.values(await engine.predict(given));
  engine.dispose();
  expect(got).toHaveLength(outputs.length);
  outputs.forEach(({values}, i) => {
    expect(relativeError(got[i]!, values), `output ${i}`).toBeLessThan(toleranceOf(file));
  });
}

test.each(FILES.filter(file => !STRANGE.test(file)))('%s computes what Python does', file => expectSame(file));

/** MobileNetV3Small, EfficientNetB0 and V2B0, ResNet50 and DenseNet121, each in four files. */
const LARGE = kerasModels.isMet
  ? readdirSync(KERAS_MODELS).filter(file => /\.(h5|keras)$/.test(file))
  : ['large models'];

test.runIf(FULL && kerasModels.isMet).each(LARGE)(`%s computes what Python does${unmet(fullRun, kerasModels)}`, file =>
  expectSame(file, KERAS_MODELS),
);

/** Models of layers that TensorFlow.js has, and computes as Keras does: no hard sigmoid of Keras 3. */
const FOR_TFJS = /^(cnn|no_input|half|nested\.k2)/;

test.each(FILES.filter(file => FOR_TFJS.test(file)))(
  'TensorFlow.js loads %s and computes what Python does',
  async file => {
    const {artifacts} = readKerasFile(bytesOf(file));
    const {inputs, outputs} = factsOf(file);
    const model = await tf.loadLayersModel(tf.io.fromMemory(artifacts as never));
    const given = model.inputs.map((input, i) => {
      const known = inputs[input.name.split(':')[0]!] ?? Object.values(inputs)[i]!;
      return tf.tensor(known.values as number[], known.shape as number[], input.dtype as 'float32');
    });
    const got = [model.predict(given)].flat() as tf.Tensor[];
    outputs.forEach(({values}, i) => {
      expect(relativeError(got[i]!.dataSync(), values), `output ${i}`).toBeLessThan(toleranceOf(file));
    });
    tf.dispose([given, got]);
    // A model inside that is called twice keeps its weights when the model is disposed.
    for (const weight of model.weights) (weight as unknown as tf.Tensor).dispose();
  },
);

describe('changed files', () => {
  test.each(FILES)('%s has its new values, and all else as it was', file => {
    const bytes = bytesOf(file);
    const before = readKerasFile(bytes);
    const weights = storedWeights(before.artifacts);
    const odd = weights.filter(({spec}, i) => i % 2 === 1 && spec.dtype === 'float32');
    const changed = new Map(odd.map(weight => [weight.spec.name, valuesOf(weight).map(value => value / 2 + 0.25)]));
    const dtypeOf = new Map(before.places.map(({name, dtype}) => [name, dtype]));
    const contents = new Map(
      [...changed].map(([name, values]) => [name, fromValues(name, dtypeOf.get(name)!, values)]),
    );
    const patched = patchKerasFile(bytes, contents);
    const after = readKerasFile(patched);
    expect(after.artifacts.weightSpecs).toEqual(before.artifacts.weightSpecs);
    expect(after.artifacts.modelTopology).toEqual(before.artifacts.modelTopology);
    storedWeights(after.artifacts).forEach((weight, i) => {
      const want = changed.get(weight.spec.name);
      if (want === undefined) expect(weight.bytes).toEqual(weights[i]!.bytes);
      else expect(relativeError(valuesOf(weight), want)).toBeLessThan(file.startsWith('half') ? 1e-3 : 1e-7);
    });
    // A file of which nothing changes is the same.
    expect(patchKerasFile(bytes, new Map())).toEqual(bytes);
    if (file.endsWith('.h5')) expectOnlyPlaces(bytes, patched, before, contents);
    else expectMembers(bytes, patched);
  });

  test('weights that are not there, or of another size, are refused', () => {
    const bytes = bytesOf('cnn.k3.h5');
    expect(() => patchKerasFile(bytes, new Map([['nobody', new Uint8Array(4)]]))).toThrow(/no weight 'nobody'/);
    expect(() => patchKerasFile(bytes, new Map([['conv2d/kernel', new Uint8Array(4)]]))).toThrow(/4 bytes are given/);
  });
});

/** Nothing but the bytes of changed weights may differ, where they had a place of their own. */
function expectOnlyPlaces(
  bytes: Uint8Array,
  patched: Uint8Array,
  {places}: ReturnType<typeof readKerasFile>,
  contents: ReadonlyMap<string, Uint8Array>,
): void {
  if (places.some(({at}) => at === null)) return;
  const copy = bytes.slice();
  for (const {name, at} of places) if (contents.has(name)) copy.set(contents.get(name)!, at!.from);
  expect(patched).toEqual(copy);
}

function expectMembers(bytes: Uint8Array, patched: Uint8Array): void {
  const [before, after] = [readZip(bytes), readZip(patched)];
  expect(after.members.map(({name}) => name)).toEqual(before.members.map(({name}) => name));
  before.members.forEach((member, i) => {
    if (member.name === 'model.weights.h5') return;
    expect(readMember(patched, after.members[i]!)).toEqual(readMember(bytes, member));
  });
}

describe('open', () => {
  test.each(['cnn.k2.h5', 'cnn.k3.keras', 'cnn_deflated.k2.h5', 'cnn_deflated.k3.keras'])('%s', async file => {
    const bytes = bytesOf(file);
    const model = await open(bytes);
    expect(model.format).toBe(file.endsWith('.h5') ? 'keras-h5' : 'keras');
    const kernel = model.weights.find(({name}) => name === 'conv2d/kernel')!;
    expect(kernel.uses).toMatchObject([{layer: 'conv2d', className: 'Conv2D', weight: 'kernel', role: 'kernel'}]);
    expect([...(await model.save()).values()]).toEqual([bytes]);
    const zeros = new Float32Array(kernel.values().length);
    const [saved] = (await model.withWeights(new Map([['conv2d/kernel', {values: zeros}]])).save()).values();
    const again = await open(saved!);
    for (const weight of again.weights) {
      const before = model.weights.find(({name}) => name === weight.name)!;
      expect(weight.values()).toEqual(weight.name === 'conv2d/kernel' ? zeros : before.values());
    }
    // What is deflated or in pieces has no place of its own in the file.
    const {bytes: same, places} = await model.file!();
    expect(same).toEqual(bytes);
    places.forEach((place, i) => {
      if (place !== null) expect(bytes.subarray(place.from, place.to)).toEqual(model.weights[i]!.bytes());
    });
    expect(places.filter(place => place !== null)).toHaveLength(file.includes('deflated') ? 0 : places.length);
  });

  test('a weight of a layer that nobody knows comes along, unclaimed', async () => {
    for (const file of FILES.filter(name => STRANGE.test(name))) {
      const model = await open(bytesOf(file));
      expect(model.weights.map(({uses}) => uses.length)).toEqual([1, 1, 0]);
      await expect(model.graph()).rejects.toThrow(/'scale' is of class '(mine>)?Scale', which is not supported/);
    }
  });
});

const config = strToU8('{"class_name": "Sequential", "config": {"name": "m", "layers": []}}');

test.each<[string, Zippable, RegExp]>([
  [
    'weights as arrays of NumPy',
    {'config.json': config, 'model.weights.npz': config},
    /has its weights in model.weights.npz/,
  ],
  [
    'weights in several files',
    {'config.json': config, 'model.weights.json': config},
    /has its weights in model.weights.json/,
  ],
  ['no weights', {'config.json': config}, /but has no weights/],
  ['weights alone', {'model.weights.h5': config}, /holds weights alone/],
  ['another archive', {'a.txt': config}, /holds no Keras model/],
])('a zip file with %s is refused', (_, members, message) => {
  expect(() => readKerasFile(zipSync(members))).toThrow(message);
});

test.each([
  ['weights_only.weights.h5', /holds weights alone.*save all of it/],
  ['quantized.keras', /'dense' \(Dense\) is quantised or adapted \(LoRA\) by Keras/],
  ['lora.keras', /'dense' \(Dense\) is quantised or adapted \(LoRA\) by Keras/],
])('%s is refused', (file, message) => {
  expect(() => readKerasFile(bytesOf(file))).toThrow(message);
});
