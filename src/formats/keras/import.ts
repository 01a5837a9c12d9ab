import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import type {InputShapes} from '../../artifacts/open-model.ts';
import {TfmotError} from '../../errors.ts';
import {createBuilder} from '../../graph/builder.ts';
import type {Graph} from '../../graph/graph.ts';
import type {TensorId, Weight} from '../../graph/tensor.ts';
import {sizeOf} from '../../graph/tensor.ts';
import {checkInputNames} from '../input-shapes.ts';
import {checkClasses, checkLayer, isOperationCall} from './check-layers.ts';
import type {LayerSpec} from './config.ts';
import {unsupported} from './config.ts';
import {layerTree} from './layer-tree.ts';
import {LAYERS} from './layers/index.ts';
import type {LayerCall} from './layers/layer.ts';
import {handsMaskOn, makesMask} from './masking.ts';
import type {ModelPlan, ModelPlans} from './model-plan.ts';
import {modelPlans} from './model-plan.ts';
import type * as Operations from './operations/index.ts';
import {inputPort, outputPorts} from './ports.ts';
import type {Given, TensorRef} from './references.ts';
import {savedBy} from './saved-by.ts';
import {callKey, MODEL_CLASSES, readTopology} from './topology.ts';
import {openWeights} from './weights.ts';

/** What every call of an import shares. */
interface Session extends Pick<LayerCall, 'builder' | 'weights' | 'savedBy' | 'constant'> {
  readonly plans: ModelPlans;
  readonly operations: typeof Operations | undefined;
  /** Tensors whose time steps are masked in part. */
  readonly masked: Set<TensorId>;
  /** Layer calls, and the tensors they were given, so far. */
  readonly work: {count: number};
}

/** Models nested in models, each called twice, could ask for more calls than there is time. */
const MAX_WORK = 200_000;
/**
 * Most elements of all constants that the import itself makes, such as the ones of a normalisation: 256 MiB of them.
 */
const MAX_CONSTANTS = 2 ** 26;

/**
 * A model as an inference graph, one op for what each layer does, before any pass.
 *
 * @param inputShapes For inputs whose sizes the model leaves open.
 * @param operations The operations on tensors that are understood; undefined for a model that has none.
 * @throws TfmotError `unsupported-layer` for a layer that is not understood, before any weight is read;
 * `invalid-topology`, `invalid-weights` or `non-finite-weight` for a damaged model.
 */
export function importModel(
  artifacts: ModelArtifacts,
  inputShapes: InputShapes = {},
  operations?: typeof Operations,
): Graph {
  const root = readTopology(artifacts.modelTopology);
  const plans = modelPlans();
  const model = plans.of(root);
  checkClasses(model, plans, operations);
  checkInputNames(
    model.inputs.map(ref => ref.layer),
    inputShapes,
  );
  const weights = openWeights(artifacts, layerTree(root));
  const session: Session = {
    builder: createBuilder(),
    weights,
    savedBy: savedBy(artifacts),
    constant: constants(),
    plans,
    operations,
    masked: new Set(),
    work: {count: 0},
  };
  const inputs = model.inputs.map(ref => inputPort(session.builder, root, model.byName.get(ref.layer)!, inputShapes));
  const outputs = run(
    session,
    model,
    inputs.map(port => port.tensor),
    '',
  );
  return session.builder.finish(inputs, outputPorts(model, outputs));
}

/** One constant for each name and shape, however often its layer is called. */
function constants(): LayerCall['constant'] {
  const known = new Map<string, Weight>();
  let elements = 0;
  return (name, shape, make) => {
    const key = `${name} ${shape}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    elements += sizeOf(shape);
    if (elements > MAX_CONSTANTS)
      throw new TfmotError('unsupported-model', `The model makes normalisations of more than ${MAX_CONSTANTS} values.`);
    const weight = {name, shape, data: make()};
    known.set(key, weight);
    return weight;
  };
}

/** Adds a model's layers for one call of it; `prefix` stands before their paths. */
function run(session: Session, model: ModelPlan, given: readonly TensorId[], prefix: string): TensorId[] {
  if (given.length !== model.inputs.length) {
    throw new TfmotError(
      'invalid-topology',
      `Model '${model.name}' has ${model.inputs.length} inputs, but is called with ${given.length}.`,
    );
  }
  countWork(session, model.outputs.length);
  const values = new Map<string, readonly TensorId[]>();
  model.inputs.forEach((ref, i) => {
    values.set(callKey({layer: ref.layer, call: 0}), [given[i]!]);
  });
  for (const {layer, call} of model.order) {
    const key = callKey({layer: layer.name, call});
    if (values.has(key)) continue;
    const {refs, odd, masked, given: all} = layer.calls[call]!;
    const inputs = refs.map(ref => tensorOf(values, ref));
    if (all !== undefined && isOperationCall(layer, all, session.operations)) {
      values.set(key, operate(session, layer, inputs, all));
      continue;
    }
    if (odd !== undefined) throw unsupported(layer, `is called with ${odd}, which inference cannot pass on.`);
    values.set(key, callLayer(session, layer, inputs, `${prefix}${layer.name}`, masked));
  }
  return model.outputs.map(ref => tensorOf(values, ref));
}

/** Adds an operation on tensors; what it makes of masked ones is taken to be masked. */
function operate(session: Session, layer: LayerSpec, inputs: readonly TensorId[], given: Given): readonly TensorId[] {
  countWork(session, 1 + inputs.length);
  const outputs = session.operations!.importOperation(session.builder, layer, inputs, given);
  if (inputs.some(id => session.masked.has(id))) for (const id of outputs) session.masked.add(id);
  return outputs;
}

function tensorOf(values: ReadonlyMap<string, readonly TensorId[]>, ref: TensorRef): TensorId {
  const value = values.get(callKey(ref))?.[ref.output];
  if (value !== undefined) return value;
  throw new TfmotError(
    'invalid-topology',
    `Output ${ref.output} of layer '${ref.layer}' is used, but the layer has no such output.`,
  );
}

/** @param masked Whether the layer is given a mask, where the file says so. */
function callLayer(
  session: Session,
  layer: LayerSpec,
  inputs: readonly TensorId[],
  path: string,
  masked: boolean | undefined = inputs.some(id => session.masked.has(id)),
): readonly TensorId[] {
  countWork(session, 1 + inputs.length);
  if (MODEL_CLASSES.includes(layer.className)) return run(session, session.plans.of(layer), inputs, `${path}/`);
  checkLayer(layer);
  if (inputs.length === 0) throw new TfmotError('invalid-topology', `Layer '${layer.name}' is called on nothing.`);
  const leavesMask = masked && handsMaskOn(layer, session.savedBy);
  const call: LayerCall['call'] = (inner, tensors, innerPath) => callLayer(session, inner, tensors, innerPath);
  const outputs = LAYERS[layer.className]!({...session, layer, inputs, path, call});
  if (leavesMask || makesMask(layer)) for (const id of outputs) session.masked.add(id);
  return outputs;
}

function countWork(session: Session, count: number): void {
  session.work.count += count;
  if (session.work.count > MAX_WORK)
    throw new TfmotError(
      'unsupported-model',
      `A model must not have more than ${MAX_WORK} calls of layers and tensors that they are called on.`,
    );
}
