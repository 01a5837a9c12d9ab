import {readFileSync} from 'node:fs';

/** Numbers as the fixtures have them. */
export type Given = Readonly<Record<string, {readonly shape: readonly number[]; readonly data: readonly number[]}>>;

/** A small model, and what onnxruntime made of its inputs. */
export interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputs: Given;
  readonly outputs: Given;
}

/** The cases of `tools/onnx/make_cases.py`. */
export function readCases(): readonly Case[] {
  const file = new URL('../../fixtures/onnx/cases.json', import.meta.url);
  const {given, cases} = JSON.parse(readFileSync(file, 'utf8')) as Fixture;
  return cases.map(({name, model, inputs, outputs}) => ({
    name,
    bytes: new Uint8Array(Buffer.from(model, 'base64')),
    inputs: Object.fromEntries(Object.entries(inputs).map(([input, index]) => [input, given[index]!])),
    outputs,
  }));
}

/** The file: inputs are places in `given`. */
interface Fixture {
  readonly given: readonly Given[string][];
  readonly cases: readonly {
    readonly name: string;
    readonly model: string;
    readonly inputs: Readonly<Record<string, number>>;
    readonly outputs: Given;
  }[];
}

/** The numbers alone, by name. */
export function numbersOf(given: Given): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(given).map(([name, {data}]) => [name, data]));
}

/** The largest difference between outputs, relative to the largest number of each; infinite where one is missing. */
export function differenceOf(
  outputs: Given,
  found: Readonly<Record<string, {readonly data: ArrayLike<number>}>>,
): number {
  let worst = 0;
  for (const [name, {data}] of Object.entries(outputs)) {
    const other = found[name]?.data ?? [];
    if (other.length !== data.length) return Number.POSITIVE_INFINITY;
    const range = data.reduce((most, number) => Math.max(most, Math.abs(number)), 0) || 1;
    data.forEach((number, i) => {
      const difference = Math.abs(number - other[i]!) / range;
      if (!(difference <= worst)) worst = difference;
    });
  }
  return worst;
}
