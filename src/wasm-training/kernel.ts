import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';
import type {KernelConfig, NamedAttrMap, Tensor, TensorInfo} from '@tensorflow/tfjs-core';

/** What TensorFlow.js hands to a kernel of the wasm backend. */
export interface KernelCall<Inputs = Readonly<Record<string, Tensor>>, Attrs = NamedAttrMap> {
  readonly inputs: Inputs;
  readonly attrs: Attrs;
  readonly backend: BackendWasm;
}

/** A kernel as a function: it may call ordinary ops (they are not taped inside a kernel) and owns only its result. */
export type KernelFunction = (call: KernelCall) => TensorInfo;

/**
 * One kernel for the wasm backend. `create` gets the stock kernel, or `undefined` where the backend has none, and
 * returns the one to register in its place.
 */
export interface TrainingKernel {
  readonly kernelName: string;
  readonly create: (stock: KernelFunction | undefined) => KernelFunction;
}

/** Describes a kernel that the stock backend lacks; `run` states the inputs and attributes TensorFlow.js gives it. */
export function added<Inputs, Attrs>(
  kernelName: string,
  run: (call: KernelCall<Inputs, Attrs>) => TensorInfo,
): TrainingKernel {
  return replaced(kernelName, run);
}

/**
 * Describes a kernel that stands in front of the stock one and hands on what that does well. Both see the attributes
 * {@link settled}, so neither needs a default of its own.
 */
export function replaced<Inputs, Attrs>(
  kernelName: string,
  run: (call: KernelCall<Inputs, Attrs>, stock: (call: KernelCall<Inputs, Attrs>) => TensorInfo) => TensorInfo,
): TrainingKernel {
  return {
    kernelName,
    create: stock => {
      const next = stock as unknown as (call: KernelCall<Inputs, Attrs>) => TensorInfo;
      const kernel = (call: KernelCall<Inputs>) =>
        run({...call, attrs: settled(kernelName, call.attrs) as Attrs}, next);
      return kernel as unknown as KernelFunction;
    },
  };
}

/** What the ops of TensorFlow.js mean by an attribute that is missing or `null`. */
const DEFAULTS: NamedAttrMap = {
  activation: 'linear',
  dilations: 1,
  keepDims: false,
  transposeA: false,
  transposeB: false,
};

/**
 * The attributes with every missing one filled in. The types of TensorFlow.js promise all of them, but tfjs-layers and
 * the ops hand `null` and `undefined` through to the kernel (`dilations: null` for every depthwise layer).
 */
function settled(kernelName: string, attrs: NamedAttrMap | undefined): NamedAttrMap {
  const dataFormat = kernelName.includes('3D') ? 'NDHWC' : 'NHWC';
  const given = Object.entries(attrs ?? {}).filter(([, value]) => value != null);
  return {dataFormat, ...DEFAULTS, ...Object.fromEntries(given)};
}

/** The function inside a registered kernel configuration. */
export function functionOf(config: KernelConfig): KernelFunction {
  return config.kernelFunc as unknown as KernelFunction;
}
