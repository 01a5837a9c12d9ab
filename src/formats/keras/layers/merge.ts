import {TfmotError} from '../../../errors.ts';
import {LINEAR} from '../../../graph/ops/activation.ts';
import type {MergeOp} from '../../../graph/ops/merge.ts';
import type {Shape, TensorId} from '../../../graph/tensor.ts';
import {flag, integers} from '../config.ts';
import type {LayerCall, LayerImporter} from './layer.ts';
import {innerAxis} from './layer.ts';

function several({inputs, layer, builder}: LayerCall, least: number): readonly Shape[] {
  if (inputs.length < least) {
    throw new TfmotError(
      'invalid-topology',
      `Layer '${layer.name}' (${layer.className}) must have at least ${least} inputs, but has ${inputs.length}.`,
    );
  }
  return inputs.map(id => builder.tensor(id).shape);
}

const merge =
  (kind: MergeOp['kind']): LayerImporter =>
  call => {
    several(call, 2);
    return call.builder.emit(call.layer.name, {type: 'merge', kind, activation: LINEAR}, call.inputs);
  };

const concatenate: LayerImporter = call => {
  const shapes = several(call, 1);
  if (shapes.length === 1) return call.inputs;
  const axis = innerAxis(call, integers(call.layer, 'axis', [-1])[0]!, shapes[0]!);
  return call.builder.emit(call.layer.name, {type: 'concat', axis}, call.inputs);
};

const dot: LayerImporter = call => {
  const shapes = several(call, 2);
  if (shapes.length !== 2 || shapes.some(shape => shape.length < 1 || shape.length > 2)) {
    throw new TfmotError(
      'unsupported-layer',
      `Layer '${call.layer.name}' (Dot) must have two inputs of rank 2 or 3 with the batch, but has ${shapes.map(shape => `[batch, ${shape}]`).join(', ')}.`,
    );
  }
  const list = integers(call.layer, 'axes');
  const axes = [innerAxis(call, list[0]!, shapes[0]!), innerAxis(call, list.at(-1)!, shapes[1]!)] as const;
  const normalize = flag(call.layer, 'normalize', false);
  return call.builder.emit(call.layer.name, {type: 'dot', axes, normalize}, call.inputs) satisfies TensorId[];
};

/** Layers of several inputs. */
export const MERGE_LAYERS: Readonly<Record<string, LayerImporter>> = {
  Add: merge('add'),
  Average: merge('average'),
  Concatenate: concatenate,
  Dot: dot,
  Maximum: merge('maximum'),
  Minimum: merge('minimum'),
  Multiply: merge('multiply'),
  Subtract: merge('subtract'),
};
