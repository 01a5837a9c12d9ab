import type {Graph, Port} from '../graph.ts';
import {boundRelus} from './bound-relus.ts';
import {simplifyConstantOperands} from './constant-operands.ts';
import {findHardSwish} from './find-hard-swish.ts';
import {findLayerNorms} from './find-layer-norms.ts';
import {foldAffineBackward, foldAffineForward} from './fold-affine.ts';
import {foldConstants} from './fold-constants.ts';
import {foldIntoLayerNorms} from './fold-into-layer-norms.ts';
import {foldPadding} from './fold-padding.ts';
import {fuseActivations} from './fuse-activations.ts';
import {markIndices} from './mark-indices.ts';
import {raiseActivations} from './raise-activations.ts';
import {removeDead} from './remove-dead.ts';
import {removeRenames} from './remove-renames.ts';
import type {Pass} from './rewrite.ts';

/** In an order in which each finds what those before it laid bare. */
const PASSES: readonly Pass[] = [
  raiseActivations,
  removeRenames,
  simplifyConstantOperands,
  boundRelus,
  findHardSwish,
  findLayerNorms,
  foldPadding,
  removeDead,
  foldConstants,
  foldIntoLayerNorms,
  foldAffineBackward,
  fuseActivations,
  foldAffineForward,
  removeRenames,
  removeDead,
  markIndices,
];

/**
 * The graph with everything folded that can be: it computes the same with fewer ops.
 *
 * @param keep Names of tensors that nothing is folded over, the last one of each name: `kept` says where they are then.
 */
export function simplify(graph: Graph, keep: readonly string[] = []): Graph {
  if (keep.length === 0) return folded(graph);
  // What is read from outside stays.
  const {outputs, ...rest} = folded({...graph, outputs: [...graph.outputs, ...portsNamed(graph, keep)]});
  const count = graph.outputs.length;
  return {...rest, outputs: outputs.slice(0, count), kept: outputs.slice(count)};
}

function folded(graph: Graph): Graph {
  return PASSES.reduce((current, pass) => pass(current), graph);
}

/** The last tensor of each name; names of none are left out. */
function portsNamed({tensors}: Graph, names: readonly string[]): Port[] {
  const last = new Map(tensors.map(({name}, tensor) => [name, tensor]));
  return names.filter(name => last.has(name)).map(name => ({name, tensor: last.get(name)!}));
}
