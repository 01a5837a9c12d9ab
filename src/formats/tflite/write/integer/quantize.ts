import type {TensorType} from '../../schema.ts';
import type {Constant, FileModel, FileOperator, FileTensor, Quantization} from '../file-model.ts';
import type {Range} from './grids.ts';
import {equalGrids, gridOver, levelsOf, rangeOfValues, symmetricGrid} from './grids.ts';
import type {Grids} from './groups.ts';
import {gridsOf} from './groups.ts';
import {GRID_RULES, isNumeric, isSymmetric} from './rules.ts';
import {biasOn, kernelGrid, kernelLevels} from './weighted.ts';

/** What programs give and take: floats as before, or the levels themselves. */
export type IntegerIo = 'float32' | 'int8' | 'uint8';

/**
 * The same file on int8: every operator that has such a form computes on levels, the others on floats between a
 * `DEQUANTIZE` and a `QUANTIZE`.
 *
 * @param model A file of floats, nothing in it stored otherwise.
 * @param rangeOf What a computed tensor was seen to hold; null for one that only moves what others hold.
 * @throws TfmotError `invalid-input` for a range that is not finite.
 */
export function quantizeModel(model: FileModel, rangeOf: (tensor: number) => Range | null, io: IntegerIo): FileModel {
  const grids = gridsOf(model, rangeOf);
  const tensors = [...model.tensors];
  const operators: FileOperator[] = [];
  const forms = new Map<string, number>();
  const kernels = kernelGrids(model, grids);

  const push = (tensor: FileTensor): number => tensors.push(tensor) - 1;
  const once = (key: string, make: () => number): number => {
    const known = forms.get(key) ?? make();
    forms.set(key, known);
    return known;
  };
  const typed = (tensor: number, type: TensorType, quantization: Quantization | null): FileTensor => ({
    ...model.tensors[tensor]!,
    type,
    quantization,
  });
  const convert = (name: 'DEQUANTIZE' | 'QUANTIZE', from: number, to: FileTensor): number => {
    const output = push({...to, constant: null});
    operators.push({name, inputs: [from], outputs: [output], options: {}, layer: to.name});
    return output;
  };

  /** Levels of a computed tensor, on the grid that its readers share. */
  const levels = (tensor: number): number =>
    once(`int8 ${tensor}`, () =>
      convert('QUANTIZE', forms.get(`float32 ${tensor}`)!, typed(tensor, 'int8', grids.of(tensor))),
    );
  const floats = (tensor: number): number =>
    once(`float32 ${tensor}`, () =>
      convert('DEQUANTIZE', forms.get(`int8 ${tensor}`)!, typed(tensor, 'float32', null)),
    );
  const constantLevels = (tensor: number, grid: Quantization): number => {
    const {constant} = model.tensors[tensor]!;
    const key = `int8 ${tensor} ${grid.scales[0]} ${grid.zeroPoints[0]}`;
    return once(key, () => {
      const content = levelsOf(constant!.content as Float32Array, grid);
      return push({...typed(tensor, 'int8', grid), constant: {...constant!, content}});
    });
  };
  const kernel = (tensor: number): number =>
    once(`kernel ${tensor}`, () => {
      const {shape, constant} = model.tensors[tensor]!;
      const grid = kernels.get(tensor)!;
      const content = kernelLevels(constant!.content as Float32Array, shape, grid);
      return push({...typed(tensor, 'int8', grid), constant: {...constant!, content}});
    });
  const bias = (tensor: number, of: number, input: number): number => {
    const [step] = grids.of(input).scales as [number];
    return once(`bias ${tensor} ${of} ${step}`, () => {
      const {constant} = model.tensors[tensor]!;
      const {content, quantization} = biasOn(constant!.content as Float32Array, step, kernels.get(of)!);
      return push({...typed(tensor, 'int32', quantization), constant: {...constant!, content}});
    });
  };

  /** The operator on levels. */
  const onLevels = (operator: FileOperator): void => {
    const {name, inputs, outputs} = operator;
    const rule = GRID_RULES[name]!;
    const [output] = outputs as [number];
    const grid = grids.of(output);
    const weights = rule === 'weighted' ? weightsOf(operator) : null;
    const read = inputs.map((tensor, i): number => {
      const constant = tensor < 0 ? null : model.tensors[tensor]!.constant;
      if (tensor < 0 || (constant === null ? !isNumeric(model.tensors[tensor]!) : constant.role === 'integers'))
        return tensor;
      if (constant === null) return levels(tensor);
      if (weights !== null)
        return tensor === weights.kernel ? kernel(tensor) : bias(tensor, weights.kernel, weights.input);
      return constantLevels(
        tensor,
        rule === 'same' ? grid : gridOfConstant(constant, model.tensors[tensor]!.name, isSymmetric(name, i)),
      );
    });
    const written = grids.written(output);
    const made = push({...typed(output, 'int8', written), source: null});
    operators.push({...operator, inputs: read, outputs: [made]});
    const shared = equalGrids(written, grid) ? made : convert('QUANTIZE', made, typed(output, 'int8', grid));
    forms.set(`int8 ${output}`, shared);
  };

  for (const {tensor} of model.inputs) {
    if (!isNumeric(model.tensors[tensor]!)) continue;
    const grid = grids.of(tensor);
    if (io === 'float32') forms.set(`float32 ${tensor}`, tensor);
    else if (io === 'int8') {
      tensors[tensor] = typed(tensor, 'int8', grid);
      forms.set(`int8 ${tensor}`, tensor);
    } else {
      tensors[tensor] = typed(tensor, 'uint8', unsigned(grid));
      forms.set(`int8 ${tensor}`, convert('QUANTIZE', tensor, typed(tensor, 'int8', grid)));
    }
  }
  for (const operator of model.operators) {
    if (hasLevels(operator, model)) onLevels(operator);
    else {
      const inputs = operator.inputs.map(tensor =>
        forms.has(`int8 ${tensor}`) || forms.has(`float32 ${tensor}`) ? floats(tensor) : tensor,
      );
      operators.push({...operator, inputs});
      for (const tensor of operator.outputs)
        if (isNumeric(model.tensors[tensor]!)) forms.set(`float32 ${tensor}`, tensor);
    }
  }
  const outputs = model.outputs.map(({name, tensor}) => {
    if (io === 'float32') return {name, tensor: floats(tensor)};
    const int8 = levels(tensor);
    if (io === 'int8') return {name, tensor: int8};
    const to = typed(tensor, 'uint8', unsigned(tensors[int8]!.quantization!));
    return {name, tensor: convert('QUANTIZE', int8, to)};
  });
  return {tensors, operators, inputs: model.inputs, outputs};
}

/** Whether an operator has a form on levels: a rule, and an output that has a grid. */
function hasLevels({name, outputs}: FileOperator, {tensors}: FileModel): boolean {
  return GRID_RULES[name] !== undefined && isNumeric(tensors[outputs[0]!]!);
}

/** Where the tensors of a weighted operator stand; a transposed convolution begins with the shape of its output. */
function weightsOf({name, inputs}: FileOperator): {input: number; kernel: number; bias: number} {
  const [first, kernel, third, fourth = -1] = inputs as [number, number, number, number?];
  if (name === 'TRANSPOSE_CONV') return {input: third, kernel, bias: fourth};
  return {input: first, kernel, bias: third};
}

/** The grid of every kernel, which the biases beside it have a say in. */
function kernelGrids(model: FileModel, grids: Grids): ReadonlyMap<number, Quantization> {
  const biases = new Map<number, {values: Float32Array; step: number}[]>();
  for (const operator of model.operators) {
    if (GRID_RULES[operator.name] !== 'weighted') continue;
    const {input, kernel, bias} = weightsOf(operator);
    const list = biases.get(kernel) ?? [];
    biases.set(kernel, list);
    const values = model.tensors[bias]?.constant?.content as Float32Array | undefined;
    if (values !== undefined) list.push({values, step: grids.of(input).scales[0]!});
  }
  return new Map(
    [...biases].map(([kernel, list]) => {
      const {shape, constant} = model.tensors[kernel]!;
      return [kernel, kernelGrid(constant!.content as Float32Array, shape, constant!.channels, list)];
    }),
  );
}

function gridOfConstant({content}: Constant, name: string, symmetric: boolean): Quantization {
  const values = content as Float32Array;
  return symmetric ? symmetricGrid(values) : gridOver(name, rangeOfValues(values));
}

/** The same grid for levels 0 to 255. */
function unsigned({scales, zeroPoints, dimension}: Quantization): Quantization {
  return {scales, zeroPoints: zeroPoints.map(zeroPoint => zeroPoint + 128), dimension};
}
