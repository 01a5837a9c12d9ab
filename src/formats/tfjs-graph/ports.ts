import type {ModelArtifacts} from '../../artifacts/artifacts.ts';
import {isRecord} from '../keras/config.ts';
import {type Node, sizesOf, type TensorName, tensorName} from './nodes.ts';

/** What goes into a graph and comes out of it. */
export interface PortNames {
  /** Inputs by name, with the sizes that the signature says, if it does. */
  readonly inputs: ReadonlyMap<string, readonly number[] | undefined>;
  readonly outputs: readonly TensorName[];
  /** Whether a signature names the inputs. */
  readonly signed: boolean;
}

/**
 * The inputs and outputs of a graph model: those of its signature, which converters keep in either of two places, in
 * its order; without one, all placeholders, and the nodes that nothing consumes.
 */
export function portNames(
  {signature, userDefinedMetadata}: ModelArtifacts,
  nodes: ReadonlyMap<string, Node>,
): PortNames {
  const own = [signature, (userDefinedMetadata as {signature?: unknown} | undefined)?.signature].find(
    one => isRecord(one) && Object.keys(recordOf(one['outputs'])).length > 0,
  );
  const {inputs: given, outputs} = isRecord(own) ? own : {inputs: {}, outputs: {}};
  const inputs = new Map<string, readonly number[] | undefined>();
  for (const entry of Object.values(recordOf(given))) {
    const {node} = nameIn(entry);
    if (nodes.get(node)?.op === 'Placeholder')
      inputs.set(node, sizesOf(isRecord(entry) ? entry['tensorShape'] : undefined));
  }
  const signed = inputs.size > 0;
  for (const {name, op} of nodes.values())
    if (op === 'Placeholder' && !inputs.has(name) && !signed) inputs.set(name, undefined);
  const named = Object.values(recordOf(outputs)).map(nameIn);
  return {inputs, outputs: named.length > 0 ? named : sinksOf(nodes), signed};
}

function nameIn(entry: unknown): TensorName {
  const name = isRecord(entry) ? entry['name'] : undefined;
  return tensorName(typeof name === 'string' ? name : '');
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function sinksOf(nodes: ReadonlyMap<string, Node>): TensorName[] {
  const consumed = new Set([...nodes.values()].flatMap(({inputs}) => inputs.map(({node}) => node)));
  return [...nodes.values()]
    .filter(({name, op}) => !consumed.has(name) && !['Const', 'NoOp', 'Placeholder'].includes(op))
    .map(({name}) => ({node: name, output: 0}));
}
