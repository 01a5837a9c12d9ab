/** Models whose every weight has one value, so that a mixture of two shows. */
import type {ModelFile} from 'tfjs-model-optimization/node';

type Model = Parameters<ModelFile['save']>[0];

/** A model of so many weights, all of one value. */
export function modelOf(value: number, weights: number): Model {
  return {
    modelTopology: {class_name: 'Sequential', config: {name: `model_of_${value}`, layers: []}},
    weightSpecs: [{name: 'kernel', shape: [weights], dtype: 'float32'}],
    weightData: new Float32Array(weights).fill(value).buffer,
  };
}

/** The value of all weights of a model that is read; throws unless it is whole. */
export async function valueIn(handler: ModelFile): Promise<number> {
  const {weightData, modelTopology} = await handler.load();
  const values = new Float32Array(weightData as ArrayBuffer);
  const {name} = (modelTopology as {config: {name: string}}).config;
  const value = values[0]!;
  if (name !== `model_of_${value}`) throw new Error(`The weights are ${value}, but the model is called ${name}.`);
  if (!values.every(other => other === value)) throw new Error(`Not all weights are ${value}.`);
  return value;
}
