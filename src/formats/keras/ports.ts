import type {InputShapes} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import type {Builder} from '../../graph/builder.ts';
import type {Port} from '../../graph/graph.ts';
import type {TensorId} from '../../graph/tensor.ts';
import {show} from '../../show.ts';
import type {LayerSpec} from './config.ts';
import {unsupported} from './config.ts';
import type {ModelPlan} from './model-plan.ts';

/**
 * Refuses shapes for inputs that the model does not have.
 *
 * @throws TfmotError `invalid-argument`.
 */
export function checkInputNames(model: ModelPlan, inputShapes: InputShapes): void {
  const names = model.inputs.map(ref => ref.layer);
  for (const [name, shape] of Object.entries(inputShapes)) {
    if (!names.includes(name))
      throw new TfmotError('invalid-argument', `inputShapes names '${name}', but the inputs are ${names.join(', ')}.`);
    if (!Array.isArray(shape))
      throw new TfmotError(
        'invalid-argument',
        `inputShapes.${name} must be a list of sizes without the batch, but is ${show(shape)}.`,
      );
  }
}

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
  const given = own ?? open;
  const fits = given.length === open.length && given.every((size, i) => open[i] === null || open[i] === size);
  if (!fits || !given.every(isSize)) {
    throw new TfmotError(
      'unsupported-model',
      `Input '${layer.name}' is ${show([null, ...open])} and must have known sizes but for the batch. Give them as inputShapes: {'${layer.name}': [...]}${own === undefined ? '' : `, not ${show(own)}`}.`,
    );
  }
  if (layer.config['ragged'] === true) throw unsupported(layer, 'is ragged. Give every example the same sizes.');
  return {name: layer.name, tensor: builder.input(layer.name, given)};
}

function isSize(size: unknown): size is number {
  return typeof size === 'number' && Number.isSafeInteger(size) && size > 0;
}

function isSizeOrOpen(size: unknown): size is number | null {
  return size === null || isSize(size);
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
