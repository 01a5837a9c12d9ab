import {expect, test} from 'vitest';
import {type SavedBy, savedBy} from './saved-by.ts';

const layers = (config: object) => ({class_name: 'Sequential', config: {layers: [{class_name: 'Dense', config}]}});

test.each<[string, object | string, string | undefined, SavedBy]>([
  [
    'TensorFlow.js',
    {class_name: 'Model', keras_version: 'tfjs-layers 4.22.0'},
    'TensorFlow.js tfjs-layers v4.22.0',
    'tfjs',
  ],
  ['TensorFlow.js, still in memory', {className: 'Model', kerasVersion: 'tfjs-layers 4.22.0'}, undefined, 'tfjs'],
  ['TensorFlow.js, by what made the file alone', {class_name: 'Model'}, 'TensorFlow.js tfjs-layers v4.22.0', 'tfjs'],
  ['TensorFlow.js, by its spelling alone', {className: 'Model'}, undefined, 'tfjs'],
  ['Keras 2, converted', {keras_version: '2.12.0', model_config: {}}, 'keras v2.12.0', 'keras-2'],
  ['Keras of TensorFlow 1', {keras_version: '2.2.4-tf', model_config: {}}, undefined, 'keras-2'],
  ['Keras 3, converted', {keras_version: '3.3.3', model_config: {}}, 'keras v3.3.3', 'keras-3'],
  ['Keras 12', {keras_version: '12.0', model_config: {}}, undefined, 'keras-3'],
  ['Keras 3, whatever made the file', {keras_version: '3.3.3'}, 'TensorFlow.js tfjs-layers v4.22.0', 'keras-3'],
  ['Keras 3, by what made the file alone', {model_config: {}}, 'keras v3.0.5', 'keras-3'],
  ['Keras 3, as text', JSON.stringify({keras_version: '3.3.3'}), undefined, 'keras-3'],
  ['Keras 3, by a shape', layers({batch_shape: [null, 3]}), undefined, 'keras-3'],
  ['Keras 3, by a policy', layers({dtype: {class_name: 'DTypePolicy', config: {}}}), undefined, 'keras-3'],
  ['Keras 2, by no sign of anything else', layers({batch_input_shape: [null, 3]}), undefined, 'keras-2'],
  ['a version that is no text', {keras_version: {toString: 1}, class_name: 'Model'}, undefined, 'keras-2'],
  ['generatedBy that is no text', {class_name: 'Model'}, {toString: 1} as never, 'keras-2'],
])('%s', (_, modelTopology, generatedBy, expected) => {
  const artifacts = {modelTopology: modelTopology as object, ...(generatedBy !== undefined && {generatedBy})};
  expect(savedBy(artifacts)).toBe(expected);
});
