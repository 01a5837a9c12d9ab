import type {WeightSpec} from '../../artifacts/artifacts.ts';
import type {Use} from '../../artifacts/open-model.ts';
import {axesOf, type WeightOfClass, weightsOf} from '../../artifacts/roles.ts';
import type {LayerTree, LeafLayer} from './layer-tree.ts';

/** Which layer each saved weight belongs to, and the other way round. */
export interface WeightMap {
  /** The uses of a weight by its saved name; a weight that no known layer claims is not in it. */
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** The saved name of a layer's weight; undefined when there is none. */
  nameOf(layer: string, weight: string): string | undefined;
}

/** Saved names with more parts are claimed by nobody: no model nests so deep. */
const MAX_PARTS = 64;

/** A layer that a saved name may mean, and how well it fits. */
interface Claim {
  readonly leaf: LeafLayer;
  readonly weight: WeightOfClass;
  /** Parts of the name that the layer, and the models around it, account for. */
  readonly covered: number;
  /** Parts of the layer's own name. */
  readonly own: number;
}

/**
 * Finds the layer of each saved weight. Writers name weights in four ways: `dense/kernel`; behind the names of models
 * (`sequential/dense/kernel`); with the cell between (`lstm/lstm_cell/kernel`); by position (`dense/vars/0`). Layer
 * names may hold slashes themselves, so the claim that accounts for most parts of a name wins. A Normalization that was
 * adapted before it was in a model has weights without its name (`mean`): they are those of the only layer that can
 * have them.
 */
export function mapWeights(specs: readonly WeightSpec[], {leaves}: LayerTree): WeightMap {
  const byScope = new Map<string, LeafLayer[]>();
  for (const leaf of leaves) {
    for (const scope of new Set(leaf.scopes)) {
      const sharing = byScope.get(scope);
      if (sharing === undefined) byScope.set(scope, [leaf]);
      else sharing.push(leaf);
    }
  }
  const uses = new Map<string, readonly Use[]>();
  const names = new Map<string, string>();
  const sole = soleOwners(leaves);
  for (const {name, shape} of specs) {
    const claim = bestClaim(name, byScope) ?? sole.get(name) ?? undefined;
    if (claim === undefined) continue;
    const {leaf, weight} = claim;
    const {path: layer, className} = leaf;
    uses.set(name, [{layer, className, weight: weight.name, role: weight.role, ...axesOf(weight, shape.length)}]);
    const key = keyOf(layer, weight.name);
    if (!names.has(key)) names.set(key, name);
  }
  return {uses, nameOf: (layer, weight) => names.get(keyOf(layer, weight))};
}

/** The layer that alone can have a weight of a bare name; null where several can. */
function soleOwners(leaves: readonly LeafLayer[]): ReadonlyMap<string, Pick<Claim, 'leaf' | 'weight'> | null> {
  const owners = new Map<string, Pick<Claim, 'leaf' | 'weight'> | null>();
  for (const leaf of leaves)
    for (const weight of weightsOf(leaf.className))
      owners.set(weight.name, owners.has(weight.name) ? null : {leaf, weight});
  return owners;
}

function bestClaim(name: string, byScope: ReadonlyMap<string, readonly LeafLayer[]>): Claim | undefined {
  const parts = name.split('/');
  if (parts.length > MAX_PARTS) return undefined;
  let best: Claim | undefined;
  for (let end = parts.length - 1; end > 0; end--) {
    for (let start = 0; start < end; start++) {
      const sharing = byScope.get(parts.slice(start, end).join('/'));
      if (sharing === undefined) continue;
      for (const leaf of sharing) {
        const weight = weightIn(leaf, parts.slice(end));
        if (weight === undefined) continue;
        const own = end - start;
        const claim = {leaf, weight, own, covered: own + partsAround(parts.slice(0, start), leaf.around)};
        if (best === undefined || isBetter(claim, best)) best = claim;
      }
    }
  }
  return best;
}

function isBetter(claim: Claim, best: Claim): boolean {
  return claim.covered > best.covered || (claim.covered === best.covered && claim.own > best.own);
}

/** How many of `parts`, counted from the last, are names of what is around a layer, in their order. */
function partsAround(parts: readonly string[], around: readonly string[]): number {
  let count = 0;
  let place = parts.length;
  for (let i = around.length - 1; i >= 0 && place > 0; i--) {
    const name = around[i]!.split('/');
    if (parts.slice(Math.max(0, place - name.length), place).join('/') !== around[i]) continue;
    place -= name.length;
    count += name.length;
  }
  return count;
}

/** The weight that the rest of a saved name, behind its layer, stands for. */
function weightIn(
  {className, config}: Pick<LeafLayer, 'className' | 'config'>,
  rest: readonly string[],
): WeightOfClass | undefined {
  const weights = weightsOf(className);
  const plain = rest.join('/');
  const known = weights.find(weight => weight.name === plain || weight.aliases.includes(plain));
  if (known !== undefined) return known;
  // Recurrent layers of newer Kerases have their cell between.
  if (rest.length > 1 && /(^|_)cell(_\d+)?$/.test(rest[0]!)) return weightIn({className, config}, rest.slice(1));
  if (rest.length !== 2 || rest[0] !== 'vars' || !/^\d{1,2}$/.test(rest[1]!)) return undefined;
  return weightsByPosition({className, config})[Number(rest[1])];
}

/** The weights that a layer has with its config, in the order in which Keras makes them. */
export function weightsByPosition({
  className,
  config,
}: Pick<LeafLayer, 'className' | 'config'>): readonly WeightOfClass[] {
  return weightsOf(className).filter(({when}) => when === undefined || config[when] !== false);
}

const keyOf = (layer: string, weight: string): string => `${layer}\n${weight}`;
