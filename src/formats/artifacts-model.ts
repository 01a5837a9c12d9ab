import type {ModelArtifacts, WeightSpec} from '../artifacts/artifacts.ts';
import {changedWeight} from '../artifacts/changed-weight.ts';
import type {Change, GraphOptions, NamedWeight, OpenModel, Use} from '../artifacts/open-model.ts';
import {replaceWeights, type StoredWeight, storedWeights, valuesOf} from '../artifacts/stored-weights.ts';
import {TfmotError} from '../errors.ts';
import type {Graph} from '../graph/graph.ts';
import {filesOf, type WeightFiles} from './model-files.ts';

/** An open model of TensorFlow.js, which has artifacts besides. */
export interface OpenArtifacts extends OpenModel {
  readonly format: 'tfjs-layers' | 'tfjs-graph';
  readonly artifacts: ModelArtifacts;
  withWeights(changed: ReadonlyMap<string, Change>): OpenArtifacts;
}

/** What tells one kind of TensorFlow.js model from the other. */
export interface ArtifactsKind extends Pick<OpenArtifacts, 'format' | 'unfinished'> {
  /** What uses each weight, by name. */
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  graph(artifacts: ModelArtifacts, options: GraphOptions): Promise<Graph>;
}

/**
 * Opens artifacts. Nothing is decoded yet.
 *
 * @param artifacts Not changed; the open model shares their bytes.
 * @param files In which files the weights came, to save them so again.
 * @param stored The weights of the artifacts, where they are found already.
 * @throws TfmotError `invalid-weights` for weights that are not sound.
 */
export function openOf(
  kind: ArtifactsKind,
  artifacts: ModelArtifacts,
  files: readonly WeightFiles[] | undefined,
  stored: readonly StoredWeight[] = storedWeights(artifacts),
): OpenArtifacts {
  const {uses, graph, ...rest} = kind;
  return {
    ...rest,
    artifacts,
    weights: stored.map(weight => namedWeight(weight, uses.get(weight.spec.name) ?? [])),
    graph: (options = {}) => graph(artifacts, options),
    withWeights: changed => openOf(kind, withChanges(artifacts, stored, changed), files),
    save: async () => filesOf(artifacts, stored, files),
  };
}

function namedWeight(weight: StoredWeight, uses: readonly Use[]): NamedWeight {
  const {name, shape} = weight.spec;
  return {
    name,
    shape,
    dtype: weight.stored,
    ...gridOf(weight.spec),
    uses,
    bytes: () => weight.bytes,
    values: () => valuesOf(weight),
  };
}

function gridOf({quantization}: WeightSpec): Pick<NamedWeight, 'grid'> {
  if (quantization?.scale === undefined) return {};
  return {grid: {scale: quantization.scale, min: quantization.min ?? 0}};
}

function withChanges(
  artifacts: ModelArtifacts,
  stored: readonly StoredWeight[],
  changed: ReadonlyMap<string, Change>,
): ModelArtifacts {
  checkNames(
    stored.map(({spec}) => spec.name),
    changed,
  );
  return replaceWeights(
    artifacts,
    stored.map(weight => {
      const change = changed.get(weight.spec.name);
      return change === undefined ? weight : changedWeight(weight, change);
    }),
  );
}

/**
 * Refuses changes of weights that a model does not have.
 *
 * @throws TfmotError `invalid-argument`.
 */
export function checkNames(names: readonly string[], changed: ReadonlyMap<string, unknown>): void {
  const known = new Set(names);
  for (const name of changed.keys()) {
    if (!known.has(name))
      throw new TfmotError('invalid-argument', `The model has no weight '${name}'. It has ${names.join(', ')}.`);
  }
}
