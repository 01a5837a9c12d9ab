import type {layers, SymbolicTensor} from '@tensorflow/tfjs-layers';
import type {Attribute, OnnxConstant, OnnxNode} from './graph.ts';

/** A value on its way through the layers: its name in the ONNX graph, and its shape as Keras has it, channels last. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  /** Zeros around an image that its consumer has to add: [top, left, bottom, right]. */
  readonly pads?: readonly number[];
  /** A flattened image has its values in channels-first order; this is its shape [height, width, channels]. */
  readonly flattened?: readonly number[];
}

/** A weight of a layer as Keras has it. */
export interface LayerWeight {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** What the lowering of one layer sees and writes to. */
export interface Builder {
  readonly config: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Value[];
  readonly outputShape: readonly number[];
  /** A weight of the layer by the end of its name; `undefined` when the layer has no such weight. */
  weight(name: string): LayerWeight | undefined;
  /** Adds a constant and returns its name. */
  constant(shape: readonly number[], values: Float32Array): string;
  /** Adds a node of one output and returns the output's name, or of several, of which the last is returned. */
  node(type: string, inputs: readonly string[], attributes?: OnnxNode['attributes'], outputs?: number): string;
}

/** How a layer becomes ONNX nodes; returns its output. */
export type Lowering = (builder: Builder) => Value;

/** The nodes and constants of a graph while it grows. */
export interface Parts {
  readonly nodes: OnnxNode[];
  readonly constants: OnnxConstant[];
}

/** A builder that adds to `parts` what one layer needs. */
export function layerBuilder(
  parts: Parts,
  layer: layers.Layer,
  inputs: readonly Value[],
  output: SymbolicTensor,
  batch: number,
): Builder {
  return {
    config: layer.getConfig(),
    inputs,
    outputShape: output.shape.map(size => size ?? batch),
    weight: name => {
      const weight = layer.weights.find(({originalName}) => originalName.replace(/_\d+$/, '').endsWith(`/${name}`));
      if (weight === undefined) return undefined;
      return {values: weight.read().dataSync() as Float32Array, shape: weight.shape as number[]};
    },
    constant: (shape, values) => {
      const name = `constant${parts.constants.length}`;
      parts.constants.push({name, shape, values});
      return name;
    },
    node: (type, inputs, attributes: Readonly<Record<string, Attribute>> = {}, count = 1) => {
      const outputs = Array.from({length: count}, (_, index) => `node${parts.nodes.length}_${index}`);
      parts.nodes.push({type, inputs, outputs, attributes});
      return outputs[count - 1]!;
    },
  };
}
