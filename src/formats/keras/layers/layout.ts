import type {TensorId} from '../../../graph/tensor.ts';
import {word} from '../config.ts';
import type {LayerCall} from './layer.ts';
import {soleInput} from './layer.ts';

/** Adds a transpose; nothing when the permutation is the identity. */
export function transposed(call: LayerCall, input: TensorId, permutation: readonly number[]): TensorId {
  if (permutation.every((axis, i) => axis === i)) return input;
  return call.builder.emit(call.layer.name, {type: 'transpose', permutation}, [input])[0]!;
}

/** Adds a reshape within the same instances. */
export function reshaped(call: LayerCall, input: TensorId, shape: readonly number[]): TensorId {
  const {instances} = call.builder.tensor(input);
  return call.builder.emit(call.layer.name, {type: 'reshape', shape, instances}, [input])[0]!;
}

/** Whether the layer's data format is channels first. */
export function isChannelsFirst({layer}: LayerCall): boolean {
  return word(layer, 'dataFormat', 'channelslast') === 'channelsfirst';
}

/**
 * Runs `body` on the layer's input with its channels last, whatever the layer's data format, and turns what comes out
 * back. Neighbouring transposes cancel later.
 */
export function channelsLast(call: LayerCall, body: (input: TensorId) => TensorId): TensorId {
  const {id, shape} = soleInput(call);
  if (!isChannelsFirst(call)) return body(id);
  const axes = shape.map((_, i) => i);
  const output = body(transposed(call, id, [...axes.slice(1), 0]));
  if (call.builder.tensor(output).shape.length !== shape.length) return output;
  return transposed(call, output, [shape.length - 1, ...axes.slice(0, -1)]);
}

/** Runs `body` on a sequence `[length, channels]` as an image of height 1. */
export function asImage(call: LayerCall, input: TensorId, body: (image: TensorId) => TensorId): TensorId {
  const output = body(reshaped(call, input, [1, ...call.builder.tensor(input).shape]));
  const {shape} = call.builder.tensor(output);
  return shape.length === 3 ? reshaped(call, output, shape.slice(1)) : output;
}
