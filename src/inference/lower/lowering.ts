import {TfmotError} from '../../errors.ts';
import type {Graph} from '../../graph/graph.ts';
import type {Op} from '../../graph/ops/index.ts';
import type {Tensor, TensorId} from '../../graph/tensor.ts';
import type {ChooseFormat} from '../choose.ts';
import type {Kernels, PackedWeights} from '../kernels/index.ts';
import type {Arrangement, Layout, Region, Value} from '../value.ts';
import {columns, flat, isCompact, planes} from '../value.ts';
import {copyValue} from './copy.ts';
import type {Run} from './machine.ts';

/** What an op became: what it runs, and the numbers `describe` shows. */
export interface Step {
  readonly layer: string;
  /** `copy` in a model without ops. */
  readonly type: Op['type'] | 'copy';
  readonly runs: Run[];
  /** Kernels called, in the order of their first call. */
  readonly kernels: string[];
  format: PackedWeights['format'] | null;
  nonZeros: number;
  weightBytes: number;
  /** For one example; skipped are those with a zero weight that are not done. */
  multiplyAdds: number;
  skippedMultiplyAdds: number;
}

/** Bytes to put into memory once, at their region. */
export interface Constant {
  readonly region: Region;
  readonly bytes: Uint8Array;
}

/** A plan in the making: ops ask it for their inputs in a layout, for room for their outputs, and add runs. */
export interface Lowering {
  readonly graph: Graph;
  /** Examples computed at once. */
  readonly batch: number;
  readonly step: Step;
  tensor(id: TensorId): Tensor;
  /** Instances of a tensor in the whole batch. */
  instancesOf(id: TensorId): number;
  /** A tensor in a layout (`any`: as it lies), converted if it lies otherwise. `compact`: without gaps behind rows. */
  read(id: TensorId, layout: Layout | 'any', compact?: boolean): Value;
  /** Room for an output. */
  write(id: TensorId, arrangement: Arrangement): Value;
  /** The output takes the place of an input of the same shape that nobody reads later; null where it cannot. */
  overwrite(id: TensorId, value: Value, input: TensorId): Value | null;
  /** The output is the input under another shape. */
  alias(id: TensorId, value: Value): void;
  /** Room for this step alone. */
  scratch(bytes: number): Region;
  /** A constant in memory; the same array is placed once. */
  constant(data: Float32Array): Region;
  /** Packed weights in memory, noted in the step; packed once for layers that share them and lie alike. */
  weights<K extends keyof Kernels>(source: WeightSource, total: number, pack: () => PackedWeights<K>): Placed<K>;
  readonly choose: ChooseFormat;
  run(kernel: string, run: Run): void;
}

/** Packed weights in memory and the kernel that reads them. */
export interface Placed<K> {
  readonly region: Region;
  readonly kernel: K;
}

/** What packed weights come from. */
export interface WeightSource {
  readonly data: Float32Array;
  /** Tells apart how the same weights are packed for inputs that lie differently. */
  readonly variant: string;
  /** How often each weight is multiplied for one example. */
  readonly uses: number;
}

/** Everything the lowering of a graph found out. */
export interface Lowered {
  readonly steps: readonly Step[];
  /** Regions of activations and scratch, live for some steps. */
  readonly regions: readonly Region[];
  readonly constants: readonly Constant[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** How one op is lowered: one function an op, listed in one table. */
export type Lower<O extends Op> = (op: O, lowering: Lowering) => void;

/** Packed weights that have their place. */
interface PackedEntry extends Omit<PackedWeights, 'bytes'> {
  readonly region: Region;
}

/**
 * Lowers every op in order by `lower`, packs weights as `choose` says, and brings inputs and outputs into graph order.
 *
 * @throws TfmotError `memory-limit` when the constants take more than `maxBytes`: weights that are packed for many layouts.
 */
export function lowerAll(
  graph: Graph,
  batch: number,
  choose: ChooseFormat,
  maxBytes: number,
  lower: Lower<Op>,
): Lowered {
  const regions: Region[] = [];
  const constants: Constant[] = [];
  const placed = new Map<object, Region>();
  const packs = new Map<Float32Array, Map<string, PackedEntry>>();
  const values = new Map<TensorId, Value[]>();
  const lastReads = lastReadsOf(graph);
  const aliased = new Set<Region>();
  const steps: Step[] = [];
  let current = -1;

  const instancesOf = (id: TensorId): number => batch * graph.tensors[id]!.instances;
  const allocate = (bytes: number): Region => {
    const region = {bytes, offset: 0, first: current, last: current};
    regions.push(region);
    return region;
  };
  let constantBytes = 0;
  const place = (bytes: Uint8Array): Region => {
    constantBytes += bytes.byteLength;
    if (constantBytes > maxBytes)
      throw new TfmotError(
        'memory-limit',
        `The model must fit ${maxBytes} bytes (maxMemoryBytes), but its packed weights alone take more. Raise the limit.`,
      );
    const region = {bytes: bytes.byteLength, offset: 0, first: -1, last: Number.POSITIVE_INFINITY};
    constants.push({region, bytes});
    return region;
  };
  const used = (value: Value): Value => {
    value.region.last = Math.max(value.region.last, current);
    return value;
  };
  const write = (id: TensorId, {bytes, ...rest}: Arrangement): Value => {
    const value: Value = {...rest, region: allocate(bytes)};
    values.set(id, [value, ...(values.get(id) ?? [])]);
    return value;
  };
  const run = (kernel: string, body: Run): void => {
    const step = steps[current]!;
    step.runs.push(body);
    if (!step.kernels.includes(kernel)) step.kernels.push(kernel);
  };
  const read = (id: TensorId, layout: Layout | 'any', compact = false): Value => {
    const known = values.get(id)!;
    const fit = known.find(value => (layout === 'any' || value.layout === layout) && (!compact || isCompact(value)));
    if (fit !== undefined) return used(fit);
    const source = used(known[0]!);
    const arrangement = arrange(layout === 'any' ? source.layout : layout, source, instancesOf(id));
    const value = write(id, arrangement);
    const {instances} = graph.tensors[id]!;
    run('transpose', copyValue(source, value, instances));
    return value;
  };
  const lowering: Lowering = {
    graph,
    batch,
    get step() {
      return steps[current]!;
    },
    tensor: id => graph.tensors[id]!,
    instancesOf,
    read,
    write,
    overwrite: (id, value, input) => {
      if (lastReads.get(input) !== current || aliased.has(value.region)) return null;
      values.set(id, [value]);
      return used(value);
    },
    alias: (id, value) => {
      aliased.add(value.region);
      values.set(id, [used(value)]);
    },
    scratch: allocate,
    constant: data => {
      const known = placed.get(data);
      if (known !== undefined) return known;
      const region = place(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      placed.set(data, region);
      steps[current]!.weightBytes += data.byteLength;
      return region;
    },
    choose,
    weights: <K extends keyof Kernels>(
      {data, variant, uses}: WeightSource,
      total: number,
      pack: () => PackedWeights<K>,
    ): Placed<K> => {
      const step = steps[current]!;
      const variants = packs.get(data) ?? new Map<string, PackedEntry>();
      packs.set(data, variants);
      let entry = variants.get(variant);
      if (entry === undefined) {
        const {bytes, ...numbers} = pack();
        entry = {...numbers, region: place(bytes)};
        variants.set(variant, entry);
        step.weightBytes += bytes.byteLength;
      }
      step.format ??= entry.format;
      step.nonZeros += entry.nonZeros;
      step.multiplyAdds += Math.min(total, entry.multiplied) * uses;
      step.skippedMultiplyAdds += Math.max(0, total - entry.multiplied) * uses;
      return {region: entry.region, kernel: entry.kernel as K};
    },
    run,
  };

  const inputs = graph.inputs.map(port => write(port.tensor, flat(graph.tensors[port.tensor]!.shape, batch)));
  for (const op of graph.ops) {
    steps.push(emptyStep(op));
    current++;
    lower(op, lowering);
  }
  // Outputs are read after the last step, in graph order; the conversion belongs to the last op.
  if (steps.length === 0) steps.push(emptyStep(null));
  current = steps.length - 1;
  const outputs = graph.outputs.map(port => {
    const value = read(port.tensor, 'flat');
    value.region.last = Number.POSITIVE_INFINITY;
    return value;
  });
  return {steps, regions, constants, inputs, outputs};
}

function emptyStep(op: Op | null): Step {
  const numbers = {nonZeros: 0, weightBytes: 0, multiplyAdds: 0, skippedMultiplyAdds: 0};
  return {layer: op?.layer ?? '', type: op?.type ?? 'copy', runs: [], kernels: [], format: null, ...numbers};
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
