import type {InputShapes} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import type {Builder} from '../../graph/builder.ts';
import type {Port} from '../../graph/graph.ts';
import type {TensorId} from '../../graph/tensor.ts';
import {show} from '../../show.ts';
import {closedShape} from '../input-shapes.ts';
import type {LayerSpec} from './config.ts';
import {unsupported} from './config.ts';
import type {ModelPlan} from './model-plan.ts';

/**
 * Adds an input of the model.
 *
 * @param root The model, whose input may have no layer of its own.
 * @param layer The input layer.
 * @param inputShapes For sizes that the model leaves open.
 * @throws TfmotError `unsupported-model` when sizes remain unknown, `invalid-topology` when they are none.
 */
export function inputPort(builder: Builder, root: LayerSpec, layer: LayerSpec, inputShapes: InputShapes): Port {
  const own = Object.hasOwn(inputShapes, layer.name) ? inputShapes[layer.name] : undefined;
  const saved: unknown = layer.config['batchInputShape'] ?? layer.config['batchShape'];
  if (saved === undefined && own === undefined)
    throw new TfmotError(
      'invalid-topology',
      `Model '${root.name}' does not say the shape of its input. Give it as inputShapes: {'${layer.name}': [...]}, or build the model before saving it.`,
    );
  if (saved !== undefined && (!Array.isArray(saved) || saved.length < 1 || !saved.every(isSizeOrOpen)))
    throw new TfmotError(
      'invalid-topology',
      `Input '${layer.name}' must have a batch input shape of sizes, but has ${show(saved)}.`,
    );
  const open: readonly (number | null)[] = saved === undefined ? own!.map(() => null) : saved.slice(1);
  const given = closedShape(layer.name, open, inputShapes);
  if (layer.config['ragged'] === true) throw unsupported(layer, 'is ragged. Give every example the same sizes.');
  return {name: layer.name, tensor: builder.input(layer.name, given)};
}

function isSizeOrOpen(size: unknown): size is number | null {
  return size === null || (typeof size === 'number' && Number.isSafeInteger(size) && size > 0);
}

/** The outputs of the model, by the names of their layers. */
export function outputPorts(model: ModelPlan, tensors: readonly TensorId[]): Port[] {
  const seen = new Map<string, number>();
  return model.outputs.map(({layer}, i) => {
    const repeat = seen.get(layer) ?? 0;
    seen.set(layer, repeat + 1);
    return {name: repeat === 0 ? layer : `${layer}:${repeat}`, tensor: tensors[i]!};
  });
}
