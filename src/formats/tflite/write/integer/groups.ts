import type {FileModel, Quantization} from '../file-model.ts';
import type {Range} from './grids.ts';
import {equalGrids, gridOver, rangeOfValues} from './grids.ts';
import {GRID_RULES, isNumeric} from './rules.ts';

/** The grid of each computed tensor, as operators that read or write it on int8 have it. */
export interface Grids {
  /** What every reader of a tensor finds. */
  of(tensor: number): Quantization;
  /** What its writer makes; another grid only where that is fixed, and its readers share one with others. */
  written(tensor: number): Quantization;
}

/**
 * Grids from ranges: one for all tensors that operators tie together, over all their ranges; the fixed one, where all
 * of them come from operators that fix it.
 *
 * @param rangeOf What a tensor was seen to hold; null for one that only moves what others hold.
 */
export function gridsOf(model: FileModel, rangeOf: (tensor: number) => Range | null): Grids {
  const {tensors, operators} = model;
  const parents = Int32Array.from(tensors.keys());
  const rootOf = (tensor: number): number => {
    let root = tensor;
    while (parents[root] !== root) root = parents[root]!;
    for (let next = tensor; next !== root; ) {
      const up = parents[next]!;
      parents[next] = root;
      next = up;
    }
    return root;
  };
  const computed = (list: readonly number[]): number[] =>
    list.filter(tensor => tensor >= 0 && isNumeric(tensors[tensor]!) && tensors[tensor]!.constant === null);
  const fixed = new Map<number, Quantization>();
  const tables = new Map<number, Range>();
  const own = new Set<number>(model.inputs.map(({tensor}) => tensor));
  for (const {name, inputs, outputs} of operators) {
    const rule = GRID_RULES[name];
    const [output] = outputs as [number];
    if (name === 'GATHER') tables.set(output, rangeOfValues(tensors[inputs[0]!]!.constant!.content));
    if (rule === 'same') {
      const tied = computed([...inputs, ...outputs]);
      for (const tensor of tied) parents[rootOf(tensor)] = rootOf(output);
      if (tied.length === 1) own.add(output);
    } else if (typeof rule === 'object') fixed.set(output, rule);
    else own.add(output);
  }

  const members = new Map<number, number[]>();
  for (const tensor of tensors.keys()) {
    if (!isNumeric(tensors[tensor]!) || tensors[tensor]!.constant !== null) continue;
    const root = rootOf(tensor);
    members.set(root, [...(members.get(root) ?? []), tensor]);
  }
  const grids = new Map<number, Quantization>();
  const gridOf = (tensor: number): Quantization => {
    const root = rootOf(tensor);
    const known = grids.get(root);
    if (known !== undefined) return known;
    const group = members.get(root)!;
    const given = group.flatMap(member => fixed.get(member) ?? []);
    const alike = given.length > 0 && given.every(grid => equalGrids(grid, given[0]!));
    const grid =
      alike && !group.some(member => own.has(member)) ? given[0]! : gridOver(nameOf(group), rangeOver(group));
    grids.set(root, grid);
    return grid;
  };
  const nameOf = (group: readonly number[]): string => tensors[group[0]!]!.name;
  const rangeOver = (group: readonly number[]): Range => {
    let [min, max] = [0, 0];
    for (const tensor of group) {
      // A table has rows that the data did not look up.
      const range = tables.get(tensor) ?? rangeOf(tensor);
      if (range === null) continue;
      // NaN must not be swallowed by a comparison.
      min = Math.min(min, range.min);
      max = Math.max(max, range.max);
    }
    return {min, max};
  };
  return {of: gridOf, written: tensor => fixed.get(tensor) ?? gridOf(tensor)};
}
