/** The classes as which Python's Keras saves operations on tensors; the code that they stand for is not in the file. */
export const RECORDED_OPERATIONS: readonly string[] = [
  'ClassMethod',
  'Lambda',
  'SlicingOpLambda',
  'TFOpLambda',
  'TensorFlowOpLayer',
];
