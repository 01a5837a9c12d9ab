import type {TfmotError} from '../../../errors.ts';
import type {Builder} from '../../../graph/builder.ts';
import type {TensorId} from '../../../graph/tensor.ts';
import {show} from '../../../show.ts';
import {flowInto, type Site} from '../../fold/site.ts';
import {type Constant, constantOf, type Value} from '../../fold/value.ts';
import {type Config, isRecord, type LayerSpec, unsupported} from '../config.ts';
import {type Given, isSlot} from '../references.ts';

/** One call of an operation on tensors, to be turned into ops. Shapes have a batch of one. */
export interface OperationCall {
  readonly at: Site;
  readonly layer: LayerSpec;
  /**
   * What the operation is given: by position, or by one of the names that Keras 2 and 3 have for it, in camelCase;
   * undefined where it is null or not given.
   */
  given(position: number, ...names: readonly string[]): unknown;
  /** A tensor, a number or a list of numbers, as {@link given} finds it. @throws TfmotError for anything else. */
  value(position: number, ...names: readonly string[]): Value;
  /** The same for a list of them. */
  values(position: number, ...names: readonly string[]): Value[];
  /** Whole numbers, one or several. @throws TfmotError for anything else. */
  whole(position: number, ...names: readonly string[]): number[] | undefined;
  /** A number. @throws TfmotError for anything else. */
  real(fallback: number, position: number, ...names: readonly string[]): number;
  /** True or false, which by default it is not. */
  flag(position: number, ...names: readonly string[]): boolean;
}

/** Entries that say nothing about what is computed. */
const HARMLESS: readonly string[] = ['name', 'dtype', 'function', 'trainable', 'conjugate'];
/** Lists in lists: shapes have no more dimensions. */
const MAX_DEPTH = 32;

/** A call, and how to tell that all of it was understood. */
export interface CheckedCall extends OperationCall {
  /** @throws TfmotError `unsupported-layer` for an argument that nobody asked for. */
  checkAllRead(): void;
}

/** The call of an operation that is given `tensors`. */
export function operationCall(
  builder: Builder,
  layer: LayerSpec,
  tensors: readonly TensorId[],
  {args, kwargs}: Given,
): CheckedCall {
  const at: Site = {...flowInto(builder), name: layer.name, op: operationName(layer)};
  const read = new Set<string | number>();
  const options: Config = {...layer.config, ...kwargs};
  const given: OperationCall['given'] = (position, ...names) => {
    read.add(position);
    for (const name of names) read.add(name);
    const value = args[position] ?? names.map(name => options[name]).find(option => (option ?? null) !== null);
    return value === null ? undefined : value;
  };
  const wrong = (names: readonly string[], must: string, value: unknown): TfmotError =>
    unsupported(layer, `must have ${must} as '${names[0]}', but has ${show(value)}.`);
  const tensorOrNumbers = (value: unknown, names: readonly string[]): Value => {
    if (isSlot(value)) {
      const id = tensors[value.tensor]!;
      const {shape, instances} = builder.tensor(id);
      if (instances !== 1)
        throw unsupported(layer, 'is an operation on tensors inside TimeDistributed. Write it with layers.');
      return {kind: 'tensor', id, shape: [1, ...shape], numbers: 'float'};
    }
    const constant = constantIn(layer.name, value);
    if (constant === null) throw wrong(names, 'a tensor or numbers', value);
    return constant;
  };
  return {
    at,
    layer,
    given,
    value: (position, ...names) => tensorOrNumbers(given(position, ...names), names),
    values: (position, ...names) => {
      const list = given(position, ...names);
      if (!Array.isArray(list)) throw wrong(names, 'a list of tensors', list);
      return list.map(item => tensorOrNumbers(item, names));
    },
    whole: (position, ...names) => {
      const value = given(position, ...names);
      if (value === undefined) return undefined;
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (!list.every(item => Number.isSafeInteger(item))) throw wrong(names, 'whole numbers', value);
      return list as number[];
    },
    real: (fallback, position, ...names) => {
      const value = given(position, ...names) ?? fallback;
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong(names, 'a number', value);
      return value;
    },
    flag: (position, ...names) => {
      const value = given(position, ...names) ?? false;
      if (typeof value !== 'boolean') throw wrong(names, 'true or false', value);
      return value;
    },
    checkAllRead: () => {
      const rest = [
        ...Object.keys(options).filter(
          key => !read.has(key) && !HARMLESS.includes(key) && (options[key] ?? false) !== false,
        ),
        ...args.flatMap((arg, i) => (read.has(i) || (arg ?? null) === null ? [] : [`argument ${i + 1}`])),
      ];
      if (rest.length > 0) throw unsupported(layer, `is given '${rest[0]}', which is not supported.`);
    },
  };
}

/** What an operation is called: the function that Keras 2 recorded, or the class of Keras 3. */
export function operationName({className, config}: LayerSpec): string {
  const recorded = config['function'];
  return typeof recorded === 'string' ? recorded : className;
}

/** Numbers as JSON has them, alone, in lists, or as Keras 3 writes arrays; null for anything else. */
function constantIn(name: string, value: unknown): Constant | null {
  const {config, className} = isRecord(value) ? value : {};
  const isArray = className === '__numpy__' || className === '__tensor__';
  const numbers = isArray && isRecord(config) ? config['value'] : value;
  const shape: number[] = [];
  for (let part = numbers; Array.isArray(part) && shape.length < MAX_DEPTH; part = part[0]) shape.push(part.length);
  const flat: readonly unknown[] = [numbers].flat(MAX_DEPTH);
  const count = shape.reduce((product, size) => product * size, 1);
  if (flat.length !== count || !flat.every(item => typeof item === 'number' && Number.isFinite(item))) return null;
  return constantOf(name, shape, flat as readonly number[]);
}
