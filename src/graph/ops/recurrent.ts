import type {Weight} from '../tensor.ts';
import type {Activation} from './activation.ts';
import type {OpBase, ShapeRule} from './op.ts';

/** What the three recurrent ops share; `units` is `recurrentKernel.shape[0]`. */
interface RecurrentBase extends OpBase {
  /** `[time, in]`, then, where given, the initial states (zeros otherwise), each `[units]`. */
  readonly inputs: OpBase['inputs'];
  /** `[units]` or with `returnSequences` `[time, units]`; then, with `returnState`, the last states `[units]`. */
  readonly outputs: OpBase['outputs'];
  /** `[in, gates * units]` */
  readonly kernel: Weight;
  /** `[units, gates * units]` */
  readonly recurrentKernel: Weight;
  readonly activation: Activation;
  /** Read the steps from the last to the first; a returned sequence stays in the order of reading. */
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
}

/** `h = activation(x * kernel + bias + h * recurrentKernel)`; one gate, one state. */
export interface SimpleRnnOp extends RecurrentBase {
  readonly type: 'simple-rnn';
  /** `[units]` */
  readonly bias: Weight | null;
}

/** Gates in the order update z, reset r, candidate; one state; `h = z * h + (1 - z) * candidate`. */
export interface GruOp extends RecurrentBase {
  readonly type: 'gru';
  /** `[3 * units]`, or with `resetAfter` `[2, 3 * units]`: input bias, then recurrent bias. */
  readonly bias: Weight | null;
  readonly recurrentActivation: Activation;
  /** Apply the reset gate after the recurrent product instead of before it. */
  readonly resetAfter: boolean;
}

/** Gates in the order input, forget, candidate, output; two states, h and c. */
export interface LstmOp extends RecurrentBase {
  readonly type: 'lstm';
  /** `[4 * units]` */
  readonly bias: Weight | null;
  readonly recurrentActivation: Activation;
}

/** Rows of a table `[entries, size]` by index: `[...]` -> `[..., size]`. */
export interface EmbeddingOp extends OpBase {
  readonly type: 'embedding';
  readonly table: Weight;
}

const recurrentRule =
  (states: number): ShapeRule<RecurrentBase> =>
  (op, [input, ...initial]) => {
    const [channels] = op.kernel.shape as [number];
    const [units] = op.recurrentKernel.shape as [number];
    if (input!.length !== 2 || input![1] !== channels)
      throw new Error(`a kernel of ${channels} inputs needs an input [time, ${channels}]`);
    if (initial.length !== 0 && initial.length !== states)
      throw new Error(`it has ${states} states, so it needs ${states} initial states or none`);
    const wrong = initial.find(shape => shape.length !== 1 || shape[0] !== units);
    if (wrong !== undefined) throw new Error(`an initial state must be [${units}], but is [${wrong}]`);
    const output = op.returnSequences ? [input![0]!, units] : [units];
    return op.returnState ? [output, ...Array.from({length: states}, () => [units])] : [output];
  };

export const simpleRnnRule: ShapeRule<SimpleRnnOp> = recurrentRule(1);
export const gruRule: ShapeRule<GruOp> = recurrentRule(1);
export const lstmRule: ShapeRule<LstmOp> = recurrentRule(2);

export const embeddingRule: ShapeRule<EmbeddingOp> = (op, [input]) => [[...input!, op.table.shape[1]!]];
