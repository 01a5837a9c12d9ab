import type {Attributes} from '../../../../graph/ops/op.ts';
import type {LstmOp, SimpleRnnOp} from '../../../../graph/ops/recurrent.ts';
import type {TensorId} from '../../../../graph/tensor.ts';
import type {Rule} from './speller.ts';

type Fusing = LstmOp | SimpleRnnOp;

/**
 * A layer as one operator that keeps its state, which reads from the first step to the last and gives all of them; by
 * `unroll` where the operator has other functions, or no way in or out for states.
 */
export const fusedOr =
  <O extends Fusing>(unroll: Rule<O>): Rule<O> =>
  (op, inputs, speller) => {
    const {goBackwards, returnSequences, returnState} = op as Attributes<Fusing>;
    if (!hasItsFunctions(op as Attributes<Fusing>) || returnState || inputs.length > 1)
      return unroll(op, inputs, speller);
    if (!goBackwards && returnSequences) return null;
    const {emit, shape, instances} = speller;
    const [x] = inputs as [TensorId];
    const steps = goBackwards ? emit({type: 'reverse'}, x) : x;
    const sequence = emit({...(op as Attributes<Fusing>), goBackwards: false, returnSequences: true}, steps);
    if (returnSequences) return [sequence];
    const [count, units] = shape(sequence) as [number, number];
    const last = emit({type: 'slice', begin: [count - 1, 0], size: [1, units], strides: [1, 1]}, sequence);
    return [emit({type: 'reshape', shape: [units], instances: instances(sequence)}, last)];
  };

function hasItsFunctions(op: Attributes<Fusing>): boolean {
  return op.activation.type === 'tanh' && (op.type === 'simple-rnn' || op.recurrentActivation.type === 'sigmoid');
}
