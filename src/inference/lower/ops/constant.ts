import type {ConstantOp} from '../../../graph/ops/constant.ts';
import type {Lower} from '../lowering.ts';

/** A tensor in memory from the start, the same for every instance. */
export const lowerConstant: Lower<ConstantOp> = ({value, outputs}, lowering) => {
  lowering.alias(outputs[0]!, lowering.constantValue(value, 'flat'));
};
