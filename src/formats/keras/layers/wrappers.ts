import {TfmotError} from '../../../errors.ts';
import {LINEAR} from '../../../graph/ops/activation.ts';
import type {TensorId} from '../../../graph/tensor.ts';
import {flag, word, wrong} from '../config.ts';
import {layerSpec} from '../topology.ts';
import type {LayerImporter} from './layer.ts';
import {soleInput} from './layer.ts';

/** The inner layer sees each time step as an instance of its own: renaming in, the layer, renaming out. */
const timeDistributed: LayerImporter = call => {
  const {id, shape} = soleInput(call);
  const {layer, builder, path} = call;
  const inner = layerSpec(layer.config['layer']);
  const [steps, ...step] = shape;
  if (steps === undefined || step.length === 0)
    throw new TfmotError(
      'invalid-topology',
      `Layer '${layer.name}' (TimeDistributed) must have an input [batch, time, ...].`,
    );
  const {instances} = builder.tensor(id);
  const unfolded = builder.emit(layer.name, {type: 'reshape', shape: step, instances: instances * steps}, [id]);
  return call.call({...inner, name: layer.name}, unfolded, path).map(output => {
    const back = {type: 'reshape', shape: [steps, ...builder.tensor(output).shape], instances} as const;
    return builder.emit(layer.name, back, [output])[0]!;
  });
};

const MERGES = {sum: 'add', ave: 'average', mul: 'multiply'} as const;

const bidirectional: LayerImporter = call => {
  const {layer, builder, inputs, path} = call;
  const forward = layerSpec(layer.config['layer']);
  const backwards = {...forward.config, goBackwards: !flag(forward, 'goBackwards', false)};
  const backward = layer.config['backwardLayer']
    ? layerSpec(layer.config['backwardLayer'])
    : {...forward, config: backwards};
  const [input, ...states] = inputs as readonly [TensorId, ...TensorId[]];
  const half = states.length / 2;
  const direction = (way: string, spec: typeof forward, initial: readonly TensorId[]): readonly TensorId[] => {
    const bare = spec.name.replace(/^(forward|backward)_/, '');
    const name = `${way}_${bare}`;
    return call.call({...spec, name: `${layer.name}/${name}`}, [input, ...initial], `${path}/${name}`);
  };
  const [ahead, ...aheadStates] = direction('forward', forward, states.slice(0, half)) as [TensorId, ...TensorId[]];
  const [behind, ...behindStates] = direction('backward', backward, states.slice(half)) as [TensorId, ...TensorId[]];
  const turned = flag(forward, 'returnSequences', false)
    ? builder.emit(layer.name, {type: 'reverse'}, [behind])[0]!
    : behind;
  const mode = layer.config['mergeMode'] === null ? 'none' : word(layer, 'mergeMode', 'concat');
  const after = [...aheadStates, ...behindStates];
  if (mode === 'none') return [ahead, turned, ...after];
  if (mode === 'concat') {
    const axis = builder.tensor(ahead).shape.length - 1;
    return [builder.emit(layer.name, {type: 'concat', axis}, [ahead, turned])[0]!, ...after];
  }
  if (!Object.hasOwn(MERGES, mode)) throw wrong(layer, 'mergeMode', `'concat', 'sum', 'ave', 'mul' or null`, mode);
  const kind = MERGES[mode as keyof typeof MERGES];
  return [builder.emit(layer.name, {type: 'merge', kind, activation: LINEAR}, [ahead, turned])[0]!, ...after];
};

/** Layers around a layer. */
export const WRAPPER_LAYERS: Readonly<Record<string, LayerImporter>> = {
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,
};
