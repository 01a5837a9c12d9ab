import {TfmotError} from '../errors.ts';
import type {Shape} from '../graph/tensor.ts';
import {show} from '../show.ts';

/** Numbers in lists in lists, the batch outermost: `[[0.1, 0.2], [0.3, 0.4]]` is two examples of two numbers. */
export type NestedNumbers = readonly number[] | readonly NestedNumbers[];

/** Whether a list is one of numbers, or of lists, and no list of inputs. */
export function isNested(list: readonly unknown[]): boolean {
  return typeof list[0] === 'number' || Array.isArray(list[0]);
}

/**
 * The numbers of a nested list in a row. As float64, which holds any index of a table exactly.
 *
 * @param shape Of one example.
 * @throws TfmotError `invalid-input` when the lists do not nest as `[batch, ...shape]`, or hold anything but numbers.
 */
export function flattened(nested: readonly unknown[], name: string, shape: Shape): Float64Array {
  if (nested.length === 0) throw wrong(name, shape, 'is an empty list');
  const sizes = [nested.length, ...shape];
  const place: number[] = [];
  const trouble = (depth: number, what: string): TfmotError =>
    wrong(
      name,
      shape,
      `has ${what} at ${place
        .slice(0, depth)
        .map(index => `[${index}]`)
        .join('')}`,
    );
  const each = (list: readonly unknown[], depth: number, take: (item: number) => void): void => {
    if (list.length !== sizes[depth]) throw trouble(depth, `${list.length} entries instead of ${sizes[depth]}`);
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      place[depth] = i;
      if (depth === shape.length) {
        if (typeof item !== 'number') throw trouble(depth + 1, show(item));
        take(item);
      } else {
        if (!Array.isArray(item)) throw trouble(depth + 1, `${show(item)} instead of a list`);
        each(item, depth + 1, take);
      }
    }
  };
  // Before there is room for them all numbers must be there: a few lists could promise too many.
  let count = 0;
  each(nested, 0, () => count++);
  const numbers = new Float64Array(count);
  let at = 0;
  each(nested, 0, item => {
    numbers[at++] = item;
  });
  return numbers;
}

function wrong(name: string, shape: Shape, what: string): TfmotError {
  const must = `[batch${shape.map(size => `, ${size}`).join('')}]`;
  return new TfmotError(
    'invalid-input',
    `Input '${name}' must be numbers nested as ${must}, the batch first, but ${what}. One example alone is a batch of one.`,
  );
}
