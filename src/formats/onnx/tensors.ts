import type {OnnxGraph, OnnxModel, OnnxNode, OnnxTensor} from './read-model.ts';

/** A graph of the file, those inside nodes too, and what it can see. */
export interface Scope {
  readonly graph: OnnxGraph;
  readonly outer: Scope | null;
}

/** Every graph of a model, each behind the one that it is in. */
export function scopesOf({graph}: Pick<OnnxModel, 'graph'>): readonly Scope[] {
  const scopes: Scope[] = [{graph, outer: null}];
  for (const scope of scopes) {
    for (const inner of scope.graph.nodes.flatMap(innerGraphs)) scopes.push({graph: inner, outer: scope});
  }
  return scopes;
}

/** The graphs inside a node, of its branches. */
export function innerGraphs({attributes}: OnnxNode): readonly OnnxGraph[] {
  return [...attributes.values()].flatMap(({graph}) => graph ?? []);
}

/** The tensor that a node of type `Constant` holds, if it is stored. */
export function tensorOfConstant({op, attributes}: OnnxNode): OnnxTensor | undefined {
  return op === 'Constant' ? attributes.get('value')?.tensor : undefined;
}

/** The stored tensors of a graph by the names that its nodes know them by. */
export function tensorsOf({initializers, nodes}: OnnxGraph): ReadonlyMap<string, OnnxTensor> {
  const tensors = new Map(initializers.map(tensor => [tensor.name, tensor] as const));
  for (const node of nodes) {
    const tensor = tensorOfConstant(node);
    if (tensor !== undefined && node.outputs[0]) tensors.set(node.outputs[0], tensor);
  }
  return tensors;
}

/** What each tensor is called: its name in its graph, or `name:1`, `name:2` where another graph has that, too. */
export function namesOfTensors(model: Pick<OnnxModel, 'graph'>): ReadonlyMap<OnnxTensor, string> {
  const names = new Map<OnnxTensor, string>();
  const repeats = new Map<string, number>();
  for (const {graph} of scopesOf(model)) {
    for (const [name, tensor] of tensorsOf(graph)) {
      let unique = name;
      // A name with a number may be another tensor's own.
      while (repeats.has(unique)) {
        const repeat = repeats.get(name)!;
        repeats.set(name, repeat + 1);
        unique = `${name}:${repeat}`;
      }
      repeats.set(unique, 1);
      names.set(tensor, unique);
    }
  }
  return names;
}
