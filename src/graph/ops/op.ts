import type {Shape, TensorId} from '../tensor.ts';

/** What every op has. */
export interface OpBase {
  /** Name of the Keras layer it came from. */
  readonly layer: string;
  readonly inputs: readonly TensorId[];
  readonly outputs: readonly TensorId[];
}

/** Any op without its tensors: what a layer asks the builder to add. */
export type Attributes<O extends OpBase> = O extends OpBase ? Omit<O, 'layer' | 'inputs' | 'outputs'> : never;

/**
 * The shape rule of one op: output shapes from its attributes and input shapes.
 *
 * @throws Error whose message says which sizes do not fit; the builder adds the layer's name.
 */
export type ShapeRule<O extends OpBase> = (op: Attributes<O>, inputs: readonly Shape[]) => readonly Shape[];

/** The shape rule of ops that keep their input's shape. */
export const sameShape = (_op: unknown, inputs: readonly Shape[]): readonly Shape[] => [inputs[0]!];
