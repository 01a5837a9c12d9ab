import type {FileModel} from './file-model.ts';

/** The same file without the tensors that no operator and no port refers to. */
export function compact({tensors, operators, inputs, outputs}: FileModel): FileModel {
  const used = new Set<number>([...inputs, ...outputs].map(({tensor}) => tensor));
  for (const {inputs: read, outputs: written} of operators)
    for (const tensor of [...read, ...written]) used.add(tensor);
  const kept = [...tensors.keys()].filter(tensor => used.has(tensor));
  const places = new Map(kept.map((tensor, place) => [tensor, place]));
  const placeOf = (tensor: number): number => places.get(tensor) ?? -1;
  return {
    tensors: kept.map(tensor => tensors[tensor]!),
    operators: operators.map(operator => ({
      ...operator,
      inputs: operator.inputs.map(placeOf),
      outputs: operator.outputs.map(placeOf),
    })),
    inputs: inputs.map(port => ({...port, tensor: placeOf(port.tensor)})),
    outputs: outputs.map(port => ({...port, tensor: placeOf(port.tensor)})),
  };
}
