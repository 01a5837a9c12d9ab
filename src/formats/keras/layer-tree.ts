import {WRAPPER_CLASSES} from '../../artifacts/wrappers.ts';
import type {LayerSpec} from './config.ts';
import {isOperation} from './operation.ts';
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
  /** Its path without the names of models: what TensorFlow.js begins the names of its weights with. */
  readonly own: string;
  /** The group of its weights in the `model.weights.h5` of a `.keras` file, up to what the layer itself puts before. */
  readonly group: string;
}

/** The layers of a model that hold weights, and the first wrapper of a technique in training, if there is one. */
export interface LayerTree {
  readonly leaves: readonly LeafLayer[];
  readonly wrapper?: {readonly name: string; readonly className: string};
}

/** A place in a model, on the way down to its layers. */
interface Place extends Pick<LeafLayer, 'around' | 'scopes'> {
  readonly path: readonly string[];
  /** The end of `path`, behind the models. */
  readonly own: readonly string[];
  readonly group: string;
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
  const visit = (spec: LayerSpec, place: Place): void => {
    const {className, config, name} = spec;
    const {scopes, path, own, around, group} = place;
    if (Object.hasOwn(WRAPPER_CLASSES, className)) wrapper ??= {name, className};
    const inside = [...around, ...scopes.slice(0, 1)];
    if (Array.isArray(config['layers'])) {
      visitLayers(spec, path, inside, group);
      return;
    }
    const [layer] = specsOf(config['layer']);
    if (className === 'Bidirectional' && layer !== undefined) {
      const [backward] = specsOf(config['backwardLayer']);
      for (const [way, inner] of [
        ['forward', layer],
        ['backward', backward ?? layer],
      ] as const) {
        const names = directionScopes(way, inner.name, way === 'forward' || backward !== undefined);
        visit(inner, {
          scopes: [...names, `${name}/${way}_layer`],
          path: [...path, names[0]!],
          own: [...own, names[0]!],
          around: inside,
          group: `${group}/${way}_layer`,
        });
      }
      return;
    }
    // TimeDistributed, RNN and the wrappers of techniques give the weights inside their own name.
    const inner = layer ?? specsOf(config['cell'])[0];
    if (inner !== undefined) {
      const held = layer === undefined ? 'cell' : 'layer';
      visit(inner, {...place, scopes: [...scopes, inner.name], group: `${group}/${held}`});
      return;
    }
    const cells = specsOf(config['cells']);
    const groupOf = groupNames();
    cells.forEach((cell, i) => {
      visit(cell, {
        scopes: [...scopes.map(scope => `${scope}/RNNCell_${i}`), cell.name],
        path: [...path, cell.name],
        own: [...own, cell.name],
        around,
        group: `${group}/cells/${groupOf(cell.className)}`,
      });
    });
    if (cells.length === 0)
      leaves.push({path: path.join('/'), className, config, scopes, around, own: own.join('/'), group});
  };
  const visitLayers = (model: LayerSpec, path: readonly string[], around: readonly string[], group: string): void => {
    const groupOf = groupNames();
    for (const layer of specsOf(model.config['layers'])) {
      const {name, className} = layer;
      // A Sequential holds its input apart from its layers.
      const counted = className === 'InputLayer' ? model.className !== 'Sequential' : !isOperation(layer);
      const own = counted ? groupOf(className) : '';
      const inside = `${group === '' ? '' : `${group}/`}layers/${own}`;
      visit(layer, {scopes: [name], path: [...path, name], own: [name], around, group: inside});
    }
  };
  visitLayers(root, [], [root.name], '');
  return {leaves, ...(wrapper && {wrapper})};
}

/** Names groups of layers as Keras does: the class in snake case, from the second of a class on with a number. */
function groupNames(): (className: string) => string {
  const counts = new Map<string, number>();
  return className => {
    const name = className
      .replace(/\W+/g, '')
      .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toLowerCase();
    const before = counts.get(name) ?? 0;
    counts.set(name, before + 1);
    return before === 0 ? name : `${name}_${before}`;
  };
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
