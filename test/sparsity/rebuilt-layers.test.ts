import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import {sparsity} from 'tfjs-model-optimization';
import {registerTrainingKernels} from 'tfjs-model-optimization/wasm-training';
import {beforeAll, describe, expect, test} from 'vitest';
import {checkLeaks} from '../../testing/leaks.ts';
import {expectError, type Wrong} from './_errors.ts';
import {configOf, disposeModel, everyStep, random, saved, trainSteps, weightsOf} from './_training.ts';

const leaks = checkLeaks();

const {pruneLowMagnitude, stripPruning, summarize} = sparsity;
const {layers} = tf;

describe.each(['cpu', 'wasm'])('on %s, what TensorFlow.js forgets of a layer', backend => {
  beforeAll(async () => {
    registerTrainingKernels();
    await tf.setBackend(backend);
  });

  const separable = (): tf.layers.Layer =>
    layers.separableConv2d({
      filters: 4,
      kernelSize: 3,
      depthMultiplier: 2,
      depthwiseInitializer: tf.initializers.glorotUniform({seed: 1}),
      name: 'separable',
    });
  const inTime = (): tf.layers.Layer => layers.timeDistributed({layer: separable(), name: 'steps'});
  const depthwise = (): tf.layers.Layer =>
    layers.depthwiseConv2d({
      kernelSize: 3,
      depthwiseInitializer: tf.initializers.glorotUniform({seed: 1}),
      depthwiseRegularizer: tf.regularizers.l2({l2: 0.01}),
      name: 'depthwise',
    });
  test.each<[string, () => tf.layers.Layer, number[]]>([
    ['the depth multiplier of a separable convolution', separable, [6, 6, 3]],
    ['the depth multiplier inside a TimeDistributed', inTime, [2, 5, 5, 3]],
    ['the regularizer of a depthwise convolution', depthwise, [6, 6, 3]],
  ])('lasts through pruning, saving, resuming and stripping: %s', async (_, make, shape) => {
    const plain = tf.input({shape});
    const head = layers.dense({units: 2, kernelInitializer: tf.initializers.glorotUniform({seed: 2}), name: 'head'});
    const outputs = head.apply(layers.flatten({name: 'flat'}).apply(make().apply(plain))) as tf.SymbolicTensor;
    const model = tf.model({inputs: plain, outputs});
    const [xs, ys] = [random([4, ...shape], 3), random([4, 2], 4)];
    const pruned = pruneLowMagnitude(model, {pruningSchedule: everyStep(0.5)});
    const own = tf.train.adam(0.01);
    pruned.compile({optimizer: own, loss: 'meanSquaredError'});
    await trainSteps(pruned, xs, ys, 2);
    const resumed = await tf.loadLayersModel(await saved(pruned));
    for (const each of [pruned, resumed]) await trainSteps(each, xs, ys, 2);
    expect(weightsOf(resumed)).toEqual(weightsOf(pruned));
    for (const {sparsity: realised, targetSparsity} of (await summarize(resumed)).weights) {
      if (targetSparsity !== null) expect(realised).toBe(0.5);
    }
    const stripped = stripPruning(resumed);
    expect(stripped.weights.map(({originalName, shape: own}) => [originalName, own])).toEqual(
      model.weights.map(({originalName, shape: own}) => [originalName, own]),
    );
    const loaded = await tf.loadLayersModel(await saved(stripped));
    const [before, after] = [pruned, loaded].map(each => each.predict(xs) as tf.Tensor);
    expect(after!.dataSync()).toEqual(before!.dataSync());

    tf.dispose([xs, ys, before!, after!]);
    for (const each of [model, pruned, resumed, stripped, loaded]) disposeModel(each);
    own.dispose();
    resumed.optimizer.dispose();
    // TF.js itself leaves the iteration count of the save.
    leaks.expect(1);
  });
});

/** A kernel of given width on the last axis; what is kept of the arguments is up to its heirs. */
abstract class Projection extends tf.layers.Layer {
  protected kernel!: tf.LayerVariable;
  abstract width(): number;

  override build(inputShape: tf.Shape): void {
    const initializer = tf.initializers.randomNormal({seed: 3});
    this.kernel = this.addWeight('kernel', [inputShape.at(-1)!, this.width()], 'float32', initializer);
    this.built = true;
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [...inputShape.slice(0, -1), this.width()];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.matMul([inputs].flat()[0] as tf.Tensor2D, this.kernel.read() as tf.Tensor2D));
  }

  getPrunableWeights(): tf.LayerVariable[] {
    return [this.kernel];
  }
}

/** Its constructor reads `units`, which it does not save: the width of a copy is undefined. */
class Forgetful extends Projection {
  static className = 'Forgetful';
  protected readonly units: number;
  constructor(args: {units: number; name?: string}) {
    super(args);
    this.units = args.units;
  }
  width(): number {
    return this.units;
  }
}

/** As above, but with a default that hides the loss. */
class Defaulting extends Projection {
  static className = 'Defaulting';
  protected readonly units: number;
  constructor({units = 4, ...rest}: {units?: number; name?: string}) {
    super(rest);
    this.units = units;
  }
  width(): number {
    return this.units;
  }
}

/** Takes a number in place of an object. */
class Positional extends Projection {
  static className = 'Positional';
  protected readonly units: number;
  constructor(units: number) {
    super({name: 'positional'});
    this.units = units;
  }
  width(): number {
    return this.units;
  }
}

/** Refuses what its own configuration says. */
class Strict extends Projection {
  static className = 'Strict';
  constructor(args: {units: number; name?: string}) {
    super(args);
    if (args.units === undefined) throw new Error('units, please.');
  }
  width(): number {
    return 4;
  }
}

/** Saves units that its kernel does not have. */
class Lying extends Forgetful {
  static override className = 'Lying';
  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig(), units: this.units + 1};
  }
}

/** Fails where it is built again. */
class Once extends Projection {
  static className = 'Once';
  width(): number {
    return 4;
  }
  override build(inputShape: tf.Shape): void {
    super.build(inputShape);
    if (!Once.open) throw new Error('only once.');
  }
  override getConfig(): tf.serialization.ConfigDict {
    return {...super.getConfig()};
  }
  static open = true;
}

/** Keeps a count of its passes, which no copy has, and reads an option that it was not given. */
class Counting extends Projection {
  static className = 'Counting';
  passes = 0;
  protected readonly units: number;
  constructor(args: {units?: number; name?: string}) {
    super(args);
    this.units = args.units ?? 4;
  }
  width(): number {
    return this.units;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    this.passes++;
    return super.call(inputs);
  }
}

/** A function that is lost. */
class Lambda extends tf.layers.Layer {
  static className = 'Lambda';
  private readonly body: (x: tf.Tensor) => tf.Tensor;
  constructor(args: {body: (x: tf.Tensor) => tf.Tensor; name?: string}) {
    super(args);
    this.body = args.body;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => this.body([inputs].flat()[0]!));
  }
}

/** Whatever its constructor does not know is plain. */
class Unregistered extends tf.layers.Layer {
  static className = 'Unregistered';
}
class OwnRegularizer extends (tf.regularizers.l1() as Wrong).constructor {
  static className = 'OwnRegularizer';
}
for (const each of [Forgetful, Defaulting, Positional, Strict, Lying, Once, Counting, Lambda]) {
  tf.serialization.registerClass(each as Wrong);
}

describe('a custom layer that cannot be rebuilt is named', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  const within = (layer: tf.layers.Layer): tf.Sequential =>
    tf.sequential({layers: [layers.dense({units: 4, inputShape: [4]}), layer, layers.dense({units: 2})]});

  test.each<[string, () => tf.layers.Layer, RegExp]>([
    [
      'units are lost',
      () => new Forgetful({units: 4, name: 'own'}),
      /'own' \(Forgetful\) cannot: its 'units' is lost\. Give Forgetful a getConfig/,
    ],
    [
      'another value than the default is lost',
      () => new Defaulting({units: 5, name: 'own'}),
      /'own' \(Defaulting\).*'units' is lost/,
    ],
    ['a number in place of an object', () => new Positional(4), /'positional' \(Positional\).*'units' is lost/],
    [
      'a constructor that refuses',
      () => new Strict({units: 4, name: 'own'}),
      /'own' \(Strict\).*its constructor fails \(units, please\)/,
    ],
    ['a function is lost', () => new Lambda({body: x => x, name: 'own'}), /'own' \(Lambda\).*'body' is lost/],
    [
      'it is not registered',
      () => new Unregistered({name: 'own'}),
      /'Unregistered' of layer 'own'.*registerClass\(Unregistered\)/,
    ],
    [
      'it saves what it is not',
      () => new Lying({units: 4, name: 'own'}),
      /'own' \(Lying\).*shapes \[4, 4\] and those of its copy \[4, 5\]/,
    ],
    [
      'a regularizer that is not registered',
      () =>
        layers.dense({
          units: 4,
          kernelRegularizer: new OwnRegularizer() as Wrong,
          name: 'own',
        }),
      /'own' \(Dense\) cannot: Unknown regularizer: OwnRegularizer/,
    ],
  ])('%s', async (_, make, message) => {
    const model = within(make());
    await expectError(() => pruneLowMagnitude(model), 'unsupported-layer', message);
    await expectError(() => stripPruning(model), 'unsupported-layer', message);
    model.dispose();
  });

  test('it fails where it is built again', async () => {
    const model = within(new Once({name: 'own'}));
    Once.open = false;
    await expectError(
      () => pruneLowMagnitude(model),
      'unsupported-layer',
      /'own' \(Once\) cannot: only once\. Make the getConfig/,
    );
    Once.open = true;
    const pruned = pruneLowMagnitude(model);
    for (const each of [model, pruned]) each.dispose();
  });

  test('alone', async () => {
    await expectError(() => pruneLowMagnitude(new Forgetful({units: 4})), 'unsupported-layer', /'units' is lost/);
    await expectError(() => pruneLowMagnitude([new Forgetful({units: 4})]), 'unsupported-layer', /'units' is lost/);
  });

  test('one that can be is not refused', async () => {
    const model = within(new Counting({name: 'own'}));
    const xs = random([1, 4], 1);
    tf.dispose(model.predict(xs));
    const pruned = pruneLowMagnitude(model);
    const stripped = stripPruning(pruned);
    expect(configOf(stripped)).toEqual(configOf(model));
    xs.dispose();
    for (const each of [model, pruned, stripped]) each.dispose();
  });
});
