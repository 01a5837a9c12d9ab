import type {LayersModel, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {layerBuilder, type Parts, type Value} from './builder.ts';
import {encodeOnnx} from './graph.ts';
import {LOWERINGS} from './lowerings.ts';

/**
 * Writes a Keras-style model of one input and one output as an ONNX file with the same weights. Images go in and come
 * out channels first, as ONNX runtimes want them, so that no transposition slows them down. Batch normalisation is
 * left for the runtime to fold.
 *
 * @throws Error naming the layer when the model has one that the writer does not know.
 */
export function onnxFromKeras(model: LayersModel, inputShape: readonly number[]): Uint8Array {
  const parts: Parts = {nodes: [], constants: []};
  const values = new Map<number, Value>([[model.inputs[0]!.id, {name: 'input', shape: inputShape}]]);
  const lowered = (tensor: SymbolicTensor): Value => {
    const known = values.get(tensor.id);
    if (known !== undefined) return known;
    const {sourceLayer: layer} = tensor;
    const inputs = ([] as SymbolicTensor[]).concat(tensor.inputs).map(lowered);
    const lowering = LOWERINGS[layer.getClassName()];
    if (lowering === undefined)
      throw new Error(`The ONNX writer knows no ${layer.getClassName()}, the class of '${layer.name}'.`);
    const value = lowering(layerBuilder(parts, layer, inputs, tensor, inputShape[0]!));
    values.set(tensor.id, value);
    return value;
  };
  const output = lowered(model.outputs[0]!);
  const shape = inputShape.length === 4 ? [0, 3, 1, 2].map(axis => inputShape[axis]!) : inputShape;
  return encodeOnnx({...parts, inputs: [{name: 'input', shape}], outputs: [output.name]});
}
