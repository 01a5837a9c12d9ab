import type {Graph} from '../../graph/graph.ts';
import type {TensorId} from '../../graph/tensor.ts';
import type {Emitter} from '../program/emitter.ts';
import type {Arrangement, Layout, Region, Value} from '../value.ts';
import {columns, flat, isCompact, planes} from '../value.ts';
import {copyValue} from './copy.ts';
import type {Placement, Values} from './lowering.ts';

/**
 * Knows where tensors lie and in which layouts, and which steps need a region.
 *
 * @param regions Takes the regions of activations and scratch.
 * @param constantValue A weight in memory in another layout.
 * @param current The step that is being lowered; -1 before the first.
 */
export function valuesOf(
  graph: Graph,
  batch: number,
  regions: Region[],
  emitter: Emitter,
  constantValue: Placement['constantValue'],
  current: () => number,
): Values {
  const values = new Map<TensorId, Value[]>();
  const lastReads = lastReadsOf(graph);
  const aliased = new Set<Region>();
  const constants = new Map(graph.ops.flatMap(op => (op.type === 'constant' ? [[op.outputs[0]!, op.value]] : [])));
  const scratch = (bytes: number): Region => {
    const region = {bytes, offset: 0, first: current(), last: current()};
    regions.push(region);
    return region;
  };
  const used = (value: Value): Value => {
    value.region.last = Math.max(value.region.last, current());
    return value;
  };
  const write = (id: TensorId, {bytes, ...rest}: Arrangement): Value => {
    const value: Value = {...rest, region: scratch(bytes)};
    values.set(id, [value, ...(values.get(id) ?? [])]);
    return value;
  };
  return {
    read: (id, layout, compact = false) => {
      const known = values.get(id)!;
      const fit = known.find(value => (layout === 'any' || value.layout === layout) && (!compact || isCompact(value)));
      if (fit !== undefined) return used(fit);
      const constant = layout === 'planes' ? constants.get(id) : undefined;
      if (constant !== undefined) {
        const value = constantValue(constant, 'planes');
        aliased.add(value.region);
        values.set(id, [...known, value]);
        return value;
      }
      const source = used(known[0]!);
      const {instances} = graph.tensors[id]!;
      const value = write(id, arrange(layout === 'any' ? source.layout : layout, source, batch * instances));
      copyValue(emitter, source, value, instances);
      return value;
    },
    write,
    overwrite: (id, value, input) => {
      if (lastReads.get(input) !== current() || aliased.has(value.region)) return null;
      values.set(id, [value]);
      return used(value);
    },
    alias: (id, value) => {
      aliased.add(value.region);
      values.set(id, [used(value)]);
    },
    scratch,
  };
}

function arrange(layout: Layout, {shape}: Value, instances: number): Arrangement {
  if (layout === 'flat') return flat(shape, instances);
  return layout === 'planes' ? planes(shape, instances) : columns(shape, instances);
}

/** The last op that reads each tensor; outputs of the graph are read after all. */
function lastReadsOf(graph: Graph): ReadonlyMap<TensorId, number> {
  const last = new Map<TensorId, number>();
  graph.ops.forEach((op, i) => {
    for (const id of op.inputs) last.set(id, i);
  });
  for (const port of graph.outputs) last.set(port.tensor, Number.POSITIVE_INFINITY);
  return last;
}
