import {count, flag, unsupported} from '../config.ts';
import {elementwiseActivation} from './activation.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {weightOf} from './layer.ts';

/** What the three recurrent layers read alike, for `gates` blocks of columns. */
function common(call: LayerCall, gates: number, biasShape: (size: number) => readonly number[]) {
  const {layer, inputs, builder} = call;
  if (flag(layer, 'stateful', false)) {
    throw unsupported(
      layer,
      'is stateful; inference keeps nothing between calls. Return its state and give it as initial state instead.',
    );
  }
  if (flag(layer, 'timeMajor', false))
    throw unsupported(layer, 'has the time before the batch, which is not supported.');
  const channels = inputs[0] === undefined ? 1 : (builder.tensor(inputs[0]).shape.at(-1) ?? 1);
  const units = count(layer, 'units');
  return {
    kernel: weightOf(call, 'kernel', [channels, gates * units]),
    recurrentKernel: weightOf(call, 'recurrent_kernel', [units, gates * units]),
    bias: flag(layer, 'useBias', true) ? weightOf(call, 'bias', biasShape(gates * units)) : null,
    activation: elementwiseActivation(call, 'activation', 'tanh'),
    goBackwards: flag(layer, 'goBackwards', false),
    returnSequences: flag(layer, 'returnSequences', false),
    returnState: flag(layer, 'returnState', false),
  };
}

/** Keras changed its default with version 2.3; every later file names it. */
function gateActivation(call: LayerCall) {
  return elementwiseActivation(call, 'recurrentActivation', call.savedBy === 'keras-3' ? 'sigmoid' : 'hardsigmoid');
}

const simpleRnn: LayerImporter = call =>
  call.builder.emit(call.layer.name, {type: 'simple-rnn', ...common(call, 1, size => [size])}, call.inputs);

const gru: LayerImporter = call => {
  const resetAfter = flag(call.layer, 'resetAfter', false);
  const attributes = {
    type: 'gru',
    ...common(call, 3, size => (resetAfter ? [2, size] : [size])),
    recurrentActivation: gateActivation(call),
    resetAfter,
  } as const;
  return call.builder.emit(call.layer.name, attributes, call.inputs);
};

const lstm: LayerImporter = call => {
  const attributes = {
    type: 'lstm',
    ...common(call, 4, size => [size]),
    recurrentActivation: gateActivation(call),
  } as const;
  return call.builder.emit(call.layer.name, attributes, call.inputs);
};

/** Recurrent layers. */
export const RECURRENT_LAYERS: Readonly<Record<string, LayerImporter>> = {GRU: gru, LSTM: lstm, SimpleRNN: simpleRnn};
