const INITIALIZER =
  '{"class_name":"VarianceScaling","config":{"scale":1,"mode":"fan_avg","distribution":"normal","seed":null}}';
const ZEROS = '{"class_name":"Zeros","config":{}}';
const ONES = '{"class_name":"Ones","config":{}}';
const UNIFORM = INITIALIZER.replace('normal', 'uniform');
const RECURRENT =
  `"use_bias":true,"kernel_initializer":${INITIALIZER},"recurrent_initializer":{"class_name":"Orthogonal","config":{"gain":1,"seed":null}},` +
  `"bias_initializer":${ZEROS},"kernel_regularizer":null,"recurrent_regularizer":null,"bias_regularizer":null,"activity_regularizer":null,` +
  '"kernel_constraint":null,"recurrent_constraint":null,"bias_constraint":null,"dropout":0,"recurrent_dropout":0,';
const UNROLL = '"return_sequences":true,"return_state":false,"go_backwards":false,"stateful":false,"unroll":false';
const STRIDES =
  '"strides":[2,2],"padding":"same","data_format":"channels_last","dilation_rate":[1,1],"activation":"relu6","use_bias":false,' +
  `"bias_initializer":${ZEROS},"bias_regularizer":null,"activity_regularizer":null,"bias_constraint":null,`;

/** One layer of a functional model: its name, class, config and what it is connected to. */
function node(name: string, className: string, config: string, from: string): string {
  return `{"name":"${name}","class_name":"${className}","config":{${config}},"inbound_nodes":[[["${from}",0,0,{}]]]},`;
}

/** One layer of a sequential model. */
function layer(className: string, config: string): string {
  return `{"class_name":"${className}","config":{${config}}},`;
}

function named(name: string): string {
  return `"name":"${name}","trainable":true`;
}

function dense(units: string, activation: string, name: string): string {
  return layer(
    'Dense',
    `"units":${units},"activation":"${activation}","use_bias":true,"kernel_initializer":${INITIALIZER},"bias_initializer":${ZEROS},` +
      '"kernel_regularizer":null,"bias_regularizer":null,"activity_regularizer":null,"kernel_constraint":null,"bias_constraint":null,' +
      name,
  );
}

function conv(kind: string, head: string, name: string): string {
  return layer(
    kind,
    `${head},"kernel_initializer":${INITIALIZER},"kernel_regularizer":null,"kernel_constraint":null,"kernel_size":[3,3],"strides":[1,1],` +
      '"padding":"same","data_format":"channels_last","dilation_rate":[1,1],"activation":"relu","use_bias":true,' +
      `"bias_initializer":${ZEROS},"bias_regularizer":null,"activity_regularizer":null,"bias_constraint":null,${name}`,
  );
}

function weight(name: string, shape: string): string {
  return `{"name":"${name}","shape":[${shape}],"dtype":"float32"},`;
}

/**
 * What the byte model has read before the first byte of a model's JSON: the words of Keras topologies as TensorFlow.js
 * writes them, the usual last. Part of the format: another text would decode to another model.
 */
export const DICTIONARY: string = [
  '{"modelTopology":{"class_name":"Model","config":{"name":"model1","layers":[',
  '{"name":"input1","class_name":"InputLayer","config":{"batch_input_shape":[null,224,224,3],"dtype":"int32","sparse":false,"name":"input1"},"inbound_nodes":[]},',
  node('re_lu_ReLU1', 'ReLU', `"max_value":6,${named('re_lu_ReLU1')}`, 'input1'),
  node('leaky_re_lu_LeakyReLU1', 'LeakyReLU', `"alpha":0.2,${named('leaky_re_lu_LeakyReLU1')}`, 're_lu_ReLU1'),
  node(
    'depthwise_conv2d_DepthwiseConv2D1',
    'DepthwiseConv2D',
    `"kernel_size":[3,3],${STRIDES}${named('depthwise_conv2d_DepthwiseConv2D1')},"depth_multiplier":1,"depthwise_initializer":${INITIALIZER},"depthwise_regularizer":null,"depthwise_constraint":null`,
    'leaky_re_lu_LeakyReLU1',
  ),
  node(
    'separable_conv2d_SeparableConv2D1',
    'SeparableConv2D',
    `"filters":8,"kernel_size":[3,3],${STRIDES}${named('separable_conv2d_SeparableConv2D1')},"depth_multiplier":1,"depthwise_initializer":${UNIFORM},"pointwise_initializer":${UNIFORM},"depthwise_regularizer":null,"pointwise_regularizer":null,"depthwise_constraint":null,"pointwise_constraint":null`,
    'depthwise_conv2d_DepthwiseConv2D1',
  ),
  node('activation_Activation1', 'Activation', `"activation":"relu",${named('activation_Activation1')}`, 'conv1'),
  node(
    'zero_padding2d_ZeroPadding2D1',
    'ZeroPadding2D',
    `"padding":[[1,1],[1,1]],"data_format":"channels_last",${named('zero_padding2d_ZeroPadding2D1')}`,
    'activation_Activation1',
  ),
  '{"name":"add_Add1","class_name":"Add","config":{"name":"add_Add1","trainable":true},"inbound_nodes":[[["conv1",0,0,{}],["activation_Activation1",0,0,{}]]]},',
  '{"name":"concatenate_Concatenate1","class_name":"Concatenate","config":{"axis":-1,"name":"concatenate_Concatenate1","trainable":true},"inbound_nodes":[[["add_Add1",0,0,{}],["conv2",0,0,{}]]]},',
  node(
    'up_sampling2d_UpSampling2D1',
    'UpSampling2D',
    `"size":[2,2],"data_format":"channels_last","interpolation":"nearest",${named('up_sampling2d_UpSampling2D1')}`,
    'concatenate_Concatenate1',
  ),
  node(
    'global_average_pooling2d_GlobalAveragePooling2D1',
    'GlobalAveragePooling2D',
    `"data_format":"channels_last",${named('global_average_pooling2d_GlobalAveragePooling2D1')}`,
    'up_sampling2d_UpSampling2D1',
  ),
  node('reshape_Reshape1', 'Reshape', `"target_shape":[4,4],${named('reshape_Reshape1')}`, 'add_Add1'),
  `{"name":"bidirectional_Bidirectional1","class_name":"Bidirectional","config":{"merge_mode":"concat","layer":`,
  layer(
    'LSTM',
    `${named('lstm_LSTM1')},"units":4,"activation":"tanh","recurrent_activation":"hard_sigmoid",${RECURRENT.replace('"kernel_regularizer', '"unit_forget_bias":true,"kernel_regularizer')}"implementation":null,${UNROLL}`,
  ),
  node(
    'gru_GRU1',
    'GRU',
    `${named('gru_GRU1')},"units":4,"activation":"tanh","recurrent_activation":"hard_sigmoid",${RECURRENT}"implementation":null,"reset_after":false,${UNROLL}`,
    'reshape_Reshape1',
  ),
  node(
    'simple_rnn_SimpleRNN1',
    'SimpleRNN',
    `${named('simple_rnn_SimpleRNN1')},"units":4,"activation":"tanh",${RECURRENT}${UNROLL.replace('true', 'false')}`,
    'gru_GRU1',
  ),
  '],"input_layers":[["input1",0,0]],"output_layers":[["dense_Dense1",0,0]]},"keras_version":"tfjs-layers 4.22.0","backend":"tensor_flow.js"},',
  '"trainingConfig":{"loss":"categorical_crossentropy","metrics":["accuracy"],"optimizer_config":{"class_name":"Adam","config":{"learning_rate":0.001,"beta1":0.9,"beta2":0.999,"epsilon":1e-7}}},',
  '"weightSpecs":[',
  weight('depthwise_conv2d_DepthwiseConv2D1/depthwise_kernel', '3,3,8,1'),
  weight('separable_conv2d_SeparableConv2D1/pointwise_kernel', '1,1,8,8'),
  weight('bidirectional_Bidirectional1/forward_lstm_LSTM1/kernel', '4,16'),
  weight('bidirectional_Bidirectional1/backward_lstm_LSTM1/recurrent_kernel', '4,16'),
  weight('gru_GRU1/kernel', '8,12'),
  '{"name":"embedding_Embedding1/embeddings","shape":[1000,64],"dtype":"float32","quantization":{"dtype":"uint8","min":-0.5,"scale":0.004,"original_dtype":"float32"}},',
  '{"name":"conv1/kernel","shape":[3,3,64,64],"dtype":"float32","quantization":{"dtype":"float16"}}]}\n',
  '{"modelTopology":{"class_name":"Sequential","config":{"name":"sequential_1","layers":[',
  layer(
    'Embedding',
    `"input_dim":1000,"output_dim":64,"embeddings_initializer":{"class_name":"RandomUniform","config":{"minval":-0.05,"maxval":0.05,"seed":null}},"embeddings_regularizer":null,"activity_regularizer":null,"embeddings_constraint":null,"mask_zero":null,"input_length":10,${named('embedding_Embedding1')},"batch_input_shape":[null,10],"dtype":"float32"`,
  ),
  layer('GlobalMaxPooling1D', `${named('global_max_pooling1d_GlobalMaxPooling1D1')}`),
  layer(
    'LayerNormalization',
    `"axis":-1,"epsilon":0.001,"center":true,"scale":true,"beta_initializer":${ZEROS},"gamma_initializer":${ONES},"beta_regularizer":null,"gamma_regularizer":null,${named('layer_normalization_LayerNormalization1')}`,
  ),
  conv('Conv1D', '"filters":8', named('conv1d_Conv1D1')),
  conv('Conv2D', '"filters":32', `${named('conv2d_Conv2D1')},"batch_input_shape":[null,28,28,1],"dtype":"float32"`),
  layer(
    'MaxPooling2D',
    `"pool_size":[2,2],"padding":"valid","strides":[2,2],"data_format":"channels_last",${named('max_pooling2d_MaxPooling2D1')}`,
  ),
  layer(
    'AveragePooling2D',
    `"pool_size":[2,2],"padding":"valid","strides":[2,2],"data_format":"channels_last",${named('average_pooling2d_AveragePooling2D1')}`,
  ),
  layer(
    'BatchNormalization',
    `"axis":-1,"momentum":0.99,"epsilon":0.001,"center":true,"scale":true,"beta_initializer":${ZEROS},"gamma_initializer":${ONES},"moving_mean_initializer":${ZEROS},"moving_variance_initializer":${ONES},"beta_regularizer":null,"gamma_regularizer":null,"beta_constraint":null,"gamma_constraint":null,${named('batch_normalization_BatchNormalization1')}`,
  ),
  conv('Conv2D', '"filters":64', named('conv2d_Conv2D2')),
  layer('Flatten', named('flatten_Flatten1')),
  layer('Dropout', `"rate":0.5,"noise_shape":null,"seed":null,${named('dropout_Dropout1')}`),
  dense('1024', 'linear', `${named('dense_Dense1')},"batch_input_shape":[null,784],"dtype":"float32"`),
  dense('128', 'relu', named('dense_Dense2')),
  dense('1', 'sigmoid', named('dense_Dense3')),
  dense('10', 'softmax', named('dense_Dense4')).slice(0, -1),
  ']},"keras_version":"tfjs-layers 4.22.0","backend":"tensor_flow.js"},"format":"layers-model","generatedBy":"TensorFlow.js tfjs-layers v4.22.0","convertedBy":null,"weightSpecs":[',
  weight('conv2d_Conv2D1/kernel', '5,5,1,32'),
  weight('conv2d_Conv2D1/bias', '32'),
  weight('batch_normalization_BatchNormalization1/gamma', '32'),
  weight('batch_normalization_BatchNormalization1/beta', '32'),
  weight('batch_normalization_BatchNormalization1/moving_mean', '32'),
  weight('batch_normalization_BatchNormalization1/moving_variance', '32'),
  weight('dense_Dense1/kernel', '784,128'),
  weight('dense_Dense1/bias', '128'),
  weight('dense_Dense2/kernel', '128,10'),
  weight('dense_Dense2/bias', '10').slice(0, -1),
  ']}\n',
].join('');
