import {type Callback, CustomCallback, type CustomCallbackArgs, LayersModel} from '@tensorflow/tfjs-layers';

type ClassCallback = Callback | CustomCallback;
type Given = ClassCallback | CustomCallbackArgs;
type YieldEvery = ConstructorParameters<typeof CustomCallback>[1];
interface TrainingArgs {
  readonly callbacks?: Given | readonly Given[];
  readonly yieldEvery?: YieldEvery;
}

const ours = new WeakSet<object>();
let installed = false;

/**
 * Lets `callback` stand in one list with plain objects, in any order. TensorFlow.js takes lists of one kind alone:
 * among plain objects a class callback loses its state, and among class callbacks a plain one breaks off `fit`.
 *
 * From the first such callback on, `fit` and `fitDataset` turn the plain objects in lists that hold one into
 * `tf.CustomCallback`s, as TensorFlow.js itself does with lists of nothing else. Every other list goes through as it
 * is.
 */
export function allowPlainCallbacksBeside(callback: ClassCallback): void {
  ours.add(callback);
  if (installed) return;
  installed = true;
  const {fit, fitDataset} = LayersModel.prototype;
  LayersModel.prototype.fit = function (xs, ys, args) {
    return fit.call(this, xs, ys, args && withClassCallbacks(args));
  };
  LayersModel.prototype.fitDataset = function (dataset, args) {
    return fitDataset.call(this, dataset, withClassCallbacks(args)) as ReturnType<typeof fitDataset>;
  };
}

function withClassCallbacks<T>(args: T): T {
  const {callbacks, yieldEvery} = (args ?? {}) as TrainingArgs;
  if (!Array.isArray(callbacks) || !callbacks.some(each => ours.has(each))) return args;
  const list = (callbacks as readonly Given[]).map(each =>
    isClassCallback(each) ? each : new CustomCallback(each, yieldEvery),
  );
  return {...args, callbacks: list};
}

function isClassCallback(callback: Given): callback is ClassCallback {
  return typeof (callback as Partial<ClassCallback>)?.setParams === 'function';
}
