import type {Graph} from '../graph.ts';
import {boundRelus} from './bound-relus.ts';
import {simplifyConstantOperands} from './constant-operands.ts';
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

/** The graph with everything folded that can be: it computes the same with fewer ops. */
export function simplify(graph: Graph): Graph {
  return PASSES.reduce((current, pass) => pass(current), graph);
}
