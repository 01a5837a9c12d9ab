import {WRAPPER_CLASSES} from '../../artifacts/wrappers.ts';
import type {LayerSpec} from './config.ts';
import {layerSpec} from './topology.ts';

/** A layer or recurrent cell that holds weights itself, anywhere in a model. */
export interface LeafLayer {
  /** Its name behind those of the models and wrappers around it, the outermost model left out. */
  readonly path: string;
  readonly className: string;
  readonly config: LayerSpec['config'];
  /** What the names of its weights may begin with: its own name, or what a wrapper makes of it. */
  readonly scopes: readonly string[];
  /** Names of the models and wrappers around it, outermost first, which some writers put before the scope. */
  readonly around: readonly string[];
}

/** The layers of a model that hold weights, and the first wrapper of a technique in training, if there is one. */
export interface LayerTree {
  readonly leaves: readonly LeafLayer[];
  readonly wrapper?: {readonly name: string; readonly className: string};
}

/**
 * Walks a Keras topology down through models, wrappers and cells.
 *
 * @param root As `readTopology` gives it.
 * @throws TfmotError `invalid-topology` for a layer entry that is none.
 */
export function layerTree(root: LayerSpec): LayerTree {
  const leaves: LeafLayer[] = [];
  let wrapper: LayerTree['wrapper'];
  /** `scopes`: what the weights of `spec` begin with; `path` and `around`: of what holds it. */
  const visit = (
    spec: LayerSpec,
    scopes: readonly string[],
    path: readonly string[],
    around: readonly string[],
  ): void => {
    const {className, config, name} = spec;
    if (Object.hasOwn(WRAPPER_CLASSES, className)) wrapper ??= {name, className};
    const inside = [...around, ...scopes.slice(0, 1)];
    for (const inner of specsOf(config['layers'])) visit(inner, [inner.name], [...path, inner.name], inside);
    if (Array.isArray(config['layers'])) return;
    const [layer] = specsOf(config['layer']);
    if (className === 'Bidirectional' && layer !== undefined) {
      const [backward] = specsOf(config['backwardLayer']);
      for (const [way, inner] of [
        ['forward', layer],
        ['backward', backward ?? layer],
      ] as const) {
        const names = directionScopes(way, inner.name, way === 'forward' || backward !== undefined);
        visit(inner, [...names, `${name}/${way}_layer`], [...path, names[0]!], inside);
      }
      return;
    }
    // TimeDistributed, RNN and the wrappers of techniques give the weights inside their own name.
    const inner = layer ?? specsOf(config['cell'])[0];
    if (inner !== undefined) {
      visit(inner, [...scopes, inner.name], path, around);
      return;
    }
    const cells = specsOf(config['cells']);
    cells.forEach((cell, i) => {
      visit(cell, [...scopes.map(scope => `${scope}/RNNCell_${i}`), cell.name], [...path, cell.name], around);
    });
    if (cells.length === 0) leaves.push({path: path.join('/'), className, config, scopes, around});
  };
  for (const layer of specsOf(root.config['layers'])) visit(layer, [layer.name], [layer.name], [root.name]);
  return {leaves, ...(wrapper && {wrapper})};
}

/**
 * What a bidirectional layer calls one of its directions. TensorFlow.js saves the name with the direction already
 * before it, Python without.
 *
 * @param own Whether the inner layer was saved for this direction, so that its name as it is may stand for it.
 */
function directionScopes(way: 'forward' | 'backward', name: string, own: boolean): string[] {
  const bare = name.replace(/^(forward|backward)_/, '');
  return [...new Set([`${way}_${bare}`, `${way}_${name}`, ...(own ? [name] : [])])];
}

/** The layers in an entry of a config that holds one, several or none. */
function specsOf(value: unknown): LayerSpec[] {
  return [value].flat().filter(isLayerEntry).map(layerSpec);
}

function isLayerEntry(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'className' in value;
}
