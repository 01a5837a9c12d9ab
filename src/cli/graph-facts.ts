import type {OpenModel} from '../artifacts/open-model.ts';
import {isTfmotError} from '../errors.ts';
import type {Graph, LeftNode, Port} from '../graph/graph.ts';
import type {Block} from './text.ts';

/** An input or output of a model. */
interface PortFacts {
  readonly name: string;
  /** Without the batch. */
  readonly shape: readonly number[];
}

/** What the engine makes of a model. */
export interface GraphFacts {
  /** Whether it runs the whole model. */
  readonly runs: boolean;
  /** Why it does not; null where it does. */
  readonly reason: string | null;
  readonly inputs: readonly PortFacts[];
  readonly outputs: readonly PortFacts[];
  /** How many ops of each kind it runs, of the whole model or up to where it stops. */
  readonly ops: Readonly<Record<string, number>>;
  /** The first nodes of the file that it cannot run. */
  readonly left: readonly LeftNode[];
}

/** What the engine can run of a model, and where it would stop. */
export async function graphFacts(model: OpenModel): Promise<GraphFacts> {
  try {
    return factsOf(await model.graph(), null);
  } catch (whole) {
    if (!isTfmotError(whole)) throw whole;
    try {
      return factsOf(await model.graph({cut: 'auto'}), whole.message);
    } catch (part) {
      if (!isTfmotError(part)) throw part;
      return {runs: false, reason: whole.message, inputs: [], outputs: [], ops: {}, left: []};
    }
  }
}

function factsOf({inputs, outputs, ops, tensors, left = []}: Graph, reason: string | null): GraphFacts {
  const port = ({name, tensor}: Port): PortFacts => ({name, shape: tensors[tensor]!.shape});
  const counts = new Map<string, number>();
  for (const {type} of ops) counts.set(type, (counts.get(type) ?? 0) + 1);
  return {
    runs: reason === null,
    reason,
    inputs: inputs.map(port),
    outputs: outputs.map(port),
    ops: Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || a.localeCompare(b))),
    left,
  };
}

/** Lines that a list of ports takes at most. */
const MAX_PORTS = 12;

/** The same for people. */
export function graphBlocks({runs, reason, inputs, outputs, ops, left}: GraphFacts): Block[] {
  const listed = Object.entries(ops).map(([type, count]) => `${type} ${count}`);
  const ports = [
    ...inputs.map(({name, shape}) => ['input', name, sizes(shape)]),
    ...outputs.map(({name, shape}) => ['output', name, sizes(shape)]),
  ];
  const more = ports.length - MAX_PORTS;
  return [
    ...(ports.length === 0 ? [] : [{head: ['', 'name', 'shape'], rows: ports.slice(0, MAX_PORTS)}]),
    ...(more > 0 ? [`and ${more} more`] : []),
    runs
      ? `The engine runs all of it: ${listed.join(', ')}`
      : `The engine does not run all of it: ${reason}${
          listed.length === 0 ? '' : ` Up to there, with cut: 'auto', it runs ${listed.join(', ')}.`
        }`,
    ...(left.length > 1
      ? [
          `It stops at ${left
            .map(({op, name}) => `${op} (${name})`)
            .slice(0, MAX_PORTS)
            .join(', ')}`,
        ]
      : []),
  ];
}

const sizes = (shape: readonly number[]): string => (shape.length === 0 ? 'one number' : shape.join(' x '));
