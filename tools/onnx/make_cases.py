"""Writes small .onnx files, one or more an operator, and onnxruntime's outputs, as test/fixtures/onnx/cases.json.

    python -m venv .venv && .venv/bin/pip install -r requirements.txt
    .venv/bin/python make_cases.py ../../test/fixtures/onnx/cases.json
"""

import base64
import json
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)
cases = []
# Inputs, each once: most cases have the same image.
arrays = []


def normal(*shape):
    """Few digits, so that the fixture stays small."""
    return np.round(random.normal(0, 1, shape), 2).astype('float32')


def positive(*shape):
    return (np.abs(normal(*shape)) + 0.25).astype('float32')


def ints(*numbers):
    return np.array(numbers, dtype='int64')


def model_of(nodes, inputs, weights, outputs, opset):
    infos = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ['N', *array.shape[1:]] if array.ndim and array.shape[0] == 1 else array.shape)
        for name, array in inputs.items()
    ]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    initializers = [numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()]
    graph = helper.make_graph(nodes, 'g', infos, results, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', opset)], ir_version=8 if opset < 20 else 10, producer_name='')


def add(name, nodes, inputs, weights=None, outputs=('y',), opset=13):
    inputs = {key: np.asarray(value) for key, value in inputs.items()}
    model = model_of(nodes, inputs, weights or {}, outputs, opset)
    if len(sys.argv) > 2 and sys.argv[2] not in name:
        return
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, options)
    results = session.run(list(outputs), inputs)
    flat = lambda array: {'shape': list(array.shape), 'data': [float(f'{x:.6g}') for x in array.ravel().tolist()]}
    for array in inputs.values():
        if flat(array) not in arrays:
            arrays.append(flat(array))
    cases.append({
        'name': ' '.join(name.split()),
        'model': base64.b64encode(data).decode(),
        'inputs': {key: arrays.index(flat(value)) for key, value in inputs.items()},
        'outputs': {key: flat(value) for key, value in zip(outputs, results)},
    })


def op(name, kind, inputs, weights=None, opset=13, outputs=('y',), label='', **attributes):
    """One node: `inputs` are given at run time, `weights` are stored; its inputs are both, in the order given."""
    order = name if isinstance(name, list) else [*inputs, *(weights or {})]
    node = helper.make_node(kind, order, list(outputs), **attributes)
    settings = ', '.join(f'{key} {value}' for key, value in attributes.items())
    add(f'{kind} {opset} {label}{settings}'.strip(), [node], inputs, weights, outputs, opset)


image = {'x': normal(1, 4, 6, 5)}
row = {'x': normal(1, 4, 9)}

# Convolutions.
for attributes in [
    {}, {'pads': [1, 0, 2, 1]}, {'strides': [2, 2], 'auto_pad': 'SAME_UPPER'}, {'strides': [2, 2], 'auto_pad': 'SAME_LOWER'},
    {'dilations': [2, 1], 'pads': [1, 1, 1, 1]}, {'auto_pad': 'VALID', 'strides': [2, 1]},
]:
    op(0, 'Conv', image, {'w': normal(3, 4, 3, 2), 'b': normal(3)}, **attributes)
op(0, 'Conv', image, {'w': normal(6, 2, 3, 3)}, group=2, pads=[1, 1, 1, 1])
op(0, 'Conv', image, {'w': normal(4, 1, 3, 3), 'b': normal(4)}, group=4, pads=[1, 1, 1, 1])
op(0, 'Conv', image, {'w': normal(8, 1, 3, 3), 'b': normal(8)}, group=4, strides=[2, 2])
op(0, 'Conv', row, {'w': normal(5, 4, 3), 'b': normal(5)}, pads=[2, 1], strides=[2])
op(0, 'Conv', row, {'w': normal(4, 1, 3)}, group=4, dilations=[2])
for attributes in [
    {}, {'strides': [2, 3]}, {'strides': [2, 2], 'pads': [1, 1, 1, 0]}, {'strides': [2, 2], 'output_padding': [1, 1]},
    {'strides': [2, 2], 'pads': [1, 1, 1, 1], 'output_padding': [1, 0]}, {'strides': [2, 2], 'output_shape': [12, 10]},
    {'strides': [2, 2], 'auto_pad': 'SAME_UPPER'}, {'strides': [2, 2], 'auto_pad': 'SAME_LOWER'}, {'dilations': [2, 1]},
]:
    op(0, 'ConvTranspose', image, {'w': normal(4, 3, 3, 3), 'b': normal(3)}, **attributes)
op(0, 'ConvTranspose', image, {'w': normal(4, 2, 2, 2)}, group=2, strides=[2, 2])
op(0, 'ConvTranspose', image, {'w': normal(4, 1, 3, 3), 'b': normal(4)}, group=4, strides=[2, 2])
op(0, 'ConvTranspose', row, {'w': normal(4, 3, 4), 'b': normal(3)}, strides=[3], pads=[1, 2])

# Pools.
for kind, extra in [('MaxPool', {}), ('AveragePool', {}), ('AveragePool', {'count_include_pad': 1})]:
    for attributes in [
        {'kernel_shape': [2, 2], 'strides': [2, 2]}, {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1]},
        {'kernel_shape': [2, 2], 'strides': [2, 2], 'ceil_mode': 1},
        {'kernel_shape': [3, 3], 'strides': [2, 2], 'pads': [1, 0, 0, 1], 'ceil_mode': 1},
        {'kernel_shape': [3, 2], 'strides': [2, 2], 'auto_pad': 'SAME_UPPER'},
        {'kernel_shape': [3, 2], 'strides': [2, 2], 'auto_pad': 'SAME_LOWER'},
        {'kernel_shape': [1, 1], 'strides': [3, 3], 'ceil_mode': 1},
    ]:
        if kind == 'AveragePool' and attributes.get('ceil_mode') and extra and 'pads' in attributes:
            continue
        op(0, kind, image, **attributes, **extra)
op(0, 'MaxPool', row, kernel_shape=[3], strides=[2], pads=[1, 1])
op(0, 'GlobalAveragePool', image)
op(0, 'GlobalMaxPool', image)
op(0, 'GlobalAveragePool', row)

# Products.
op(0, 'Gemm', {'x': normal(1, 4)}, {'w': normal(3, 4), 'b': normal(3)}, transB=1)
op(0, 'Gemm', {'x': normal(1, 4)}, {'w': normal(4, 3), 'b': normal(1, 3)}, alpha=0.5, beta=2.0)
op(0, 'Gemm', {'x': normal(1, 4)}, {'w': normal(4, 3)}, opset=11)
op(0, 'Gemm', {'x': normal(4, 2)}, {'w': normal(4, 3), 'b': normal(2, 3)}, transA=1)
op(0, 'Gemm', {'x': normal(1, 4), 'w': normal(4, 3)}, {'b': normal(3)}, label='computed ', alpha=2.0)
op(0, 'MatMul', {'x': normal(1, 5, 4)}, {'w': normal(4, 3)})
op(0, 'MatMul', {'x': normal(1, 2, 5, 4), 'z': normal(1, 2, 4, 3)}, label='tensors ')
op(0, 'MatMul', {'x': normal(1, 2, 5, 4)}, {'w': normal(2, 4, 3)}, label='stored matrices ')
op(0, 'MatMul', {'x': normal(1, 5, 4)}, {'w': normal(4)}, label='vector ')
add('MatMul 13 stored first', [helper.make_node('MatMul', ['w', 'x'], ['y'])], {'x': normal(1, 4, 3)}, {'w': normal(2, 4)})

# Normalisation.
for given in [image, row, {'x': normal(1, 4)}]:
    op(0, 'BatchNormalization', given, {'g': positive(4), 'b': normal(4), 'm': normal(4), 'v': positive(4)}, opset=15, epsilon=0.01)
op(0, 'BatchNormalization', image, {'g': positive(4), 'b': normal(4), 'm': normal(4), 'v': positive(4)}, opset=7)
op(0, 'InstanceNormalization', image, {'g': positive(4), 'b': normal(4)}, epsilon=0.01)
op(0, 'LayerNormalization', {'x': normal(1, 3, 6)}, {'g': positive(6), 'b': normal(6)}, opset=17)
op(0, 'LayerNormalization', {'x': normal(1, 3, 6)}, {'g': positive(3, 6)}, opset=17, axis=1, epsilon=0.1)
for opset, axis in [(11, 1), (11, 2), (11, -1), (13, 1), (13, -1), (13, 2)]:
    op(0, 'Softmax', image, opset=opset, axis=axis)
op(0, 'LogSoftmax', {'x': normal(1, 5)}, axis=-1)
op(0, 'Softmax', {'x': normal(1, 5)}, opset=9)

# Functions of one number.
for kind, given, opset, attributes in [
    ('Abs', normal, 13, {}), ('Ceil', normal, 13, {}), ('Cos', normal, 13, {}), ('Elu', normal, 13, {'alpha': 0.5}), ('Erf', normal, 13, {}), ('Exp', normal, 13, {}),
    ('Floor', normal, 13, {}), ('Gelu', normal, 20, {}), ('Gelu', normal, 20, {'approximate': 'tanh'}),
    ('HardSigmoid', normal, 13, {}), ('HardSigmoid', normal, 13, {'alpha': 0.1666667, 'beta': 0.5}), ('HardSigmoid', normal, 13, {'alpha': 0.4, 'beta': 0.3}),
    ('HardSwish', normal, 14, {}), ('Identity', normal, 13, {}), ('LeakyRelu', normal, 13, {'alpha': 0.1}), ('LeakyRelu', normal, 13, {}), ('Log', positive, 13, {}),
    ('Mish', normal, 18, {}), ('Neg', normal, 13, {}), ('Reciprocal', positive, 13, {}), ('Relu', normal, 13, {}), ('Selu', normal, 13, {}), ('Sigmoid', normal, 13, {}),
    ('Sign', normal, 13, {}), ('Sin', normal, 13, {}), ('Softplus', normal, 13, {}), ('Softsign', normal, 13, {}), ('Sqrt', positive, 13, {}), ('Tanh', normal, 13, {}),
    ('ThresholdedRelu', normal, 13, {'alpha': 0.5}),
]:
    op(0, kind, {'x': given(1, 3, 4)}, opset=opset, **attributes)
op(0, 'Clip', {'x': normal(1, 8)}, opset=7, min=-0.5, max=0.75)
op(0, 'Clip', {'x': normal(1, 8)}, {'low': np.float32(0), 'high': np.float32(0.5)})
op(0, 'Clip', {'x': normal(1, 8)}, {'low': np.float32(-0.25)}, label='from below ')
op(0, 'Clip', {'x': normal(1, 8), 'low': np.float32(0.1)}, label='computed ')
add('Clip 13 from above', [helper.make_node('Clip', ['x', '', 'high'], ['y'])], {'x': normal(1, 8)}, {'high': np.float32(0.25)})
op(0, 'PRelu', image, {'slope': normal(4, 1, 1)})
op(0, 'PRelu', image, {'slope': normal(1)}, label='one ')
op(0, 'PRelu', {'x': normal(1, 4)}, {'slope': normal(4)}, label='vector ')
op(0, 'Dropout', {'x': normal(1, 4)})
op(0, 'Dropout', {'x': normal(1, 4)}, opset=7)

# Of several values, channels second on one side: shapes that must be turned around alike.
relu = lambda name='x', to='r': helper.make_node('GlobalMaxPool', [name], [to])
for kind in ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min']:
    op(0, kind, {'x': positive(1, 3, 4)}, {'w': positive(3, 1)}, opset=13)
    op(0, kind, {'x': positive(1, 3, 4), 'z': positive(1, 3, 4)}, opset=13, label='tensors ')
for shape in [(), (1,), (5,), (6, 1), (4, 1, 1), (1, 4, 1, 1), (1, 4, 6, 5), (4, 6, 1)]:
    pool = helper.make_node('MaxPool', ['x'], ['p'], kernel_shape=[1, 1])
    add(f'Sub 13 behind a pool by {shape}', [pool, helper.make_node('Sub', ['p', 'w'], ['y'])], image, {'w': normal(*shape)})
    add(f'Sub 13 of {shape} by a pool', [pool, helper.make_node('Sub', ['w', 'p'], ['y'])], image, {'w': normal(*shape)})
pool = helper.make_node('MaxPool', ['x'], ['p'], kernel_shape=[1, 1])
add('Add 13 of pool and input', [pool, helper.make_node('Add', ['p', 'x'], ['y'])], image)
add('Mul 13 squeeze and excite', [pool, relu('p'), helper.make_node('Mul', ['p', 'r'], ['y'])], image)
op(0, 'Sum', {'x': normal(1, 4), 'z': normal(1, 4), 'u': normal(1, 4)})
op(0, 'Mean', {'x': normal(1, 4), 'z': normal(1, 4), 'u': normal(1, 4)})
for kind in ['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']:
    nodes = [helper.make_node(kind, ['x', 'w'], ['c']), helper.make_node('Where', ['c', 'x', 'z'], ['y'])]
    x = normal(1, 6)
    w = x.copy()
    w[0, ::2] += np.float32([0.5, -0.5, 1e-3])
    add(f'{kind} and Where 16', nodes, {'x': x, 'z': normal(1, 6)}, {'w': w}, opset=16)
nodes = [helper.make_node('Greater', ['x', 'w'], ['a']), helper.make_node('Less', ['x', 'z'], ['b']),
         helper.make_node('And', ['a', 'b'], ['c']), helper.make_node('Not', ['c'], ['d']), helper.make_node('Or', ['d', 'a'], ['e']),
         helper.make_node('Cast', ['e'], ['y'], to=TensorProto.FLOAT)]
add('And, Or, Not 13', nodes, {'x': normal(1, 6)}, {'w': normal(6), 'z': normal(6)})

# Reductions.
for kind in ['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSum']:
    given = {'x': positive(1, 3, 4)}
    if kind == 'ReduceSum':
        op(0, kind, given, {'axes': ints(1)}, keepdims=0)
    else:
        op(0, kind, given, opset=13, axes=[-1], keepdims=1)
for axes, keep in [([2, 3], 1), ([2, 3], 0), ([1], 1), ([1], 0), ([3], 0), ([1, 2, 3], 0), ([2], 1)]:
    add(f'ReduceMean 18 behind a pool over {axes} {keep}',
        [pool, helper.make_node('ReduceMean', ['p', 'axes'], ['y'], keepdims=keep)], image, {'axes': ints(*axes)}, opset=18)
op(0, 'ReduceMean', {'x': normal(1, 5)}, opset=13)

# Arrangement, of images in both orders.
op(0, 'Flatten', image)
op(0, 'Flatten', image, axis=2)
add('Flatten 13 behind a pool', [pool, helper.make_node('Flatten', ['p'], ['y'])], image)
op(0, 'Reshape', image, {'s': ints(0, 2, -1)})
add('Reshape 13 behind a pool', [pool, helper.make_node('Reshape', ['p', 's'], ['y'])], image, {'s': ints(0, -1, 5)})
for perm in [[0, 2, 3, 1], [0, 3, 1, 2], [0, 2, 1, 3], [1, 0, 2, 3]]:
    op(0, 'Transpose', image, perm=perm)
    add(f'Transpose 13 behind a pool {perm}', [pool, helper.make_node('Transpose', ['p'], ['y'], perm=perm)], image)
add('Squeeze 13', [relu(), helper.make_node('Squeeze', ['r', 'axes'], ['y'])], image, {'axes': ints(2, 3)})
op(0, 'Squeeze', {'x': normal(1, 1, 4)}, opset=11, axes=[1])
op(0, 'Unsqueeze', row, {'axes': ints(1, -1)})
op(0, 'Unsqueeze', row, opset=11, axes=[2])
for axis in [1, 2, -1]:
    shape = [1, 4, 6, 5]
    shape[axis] = 2
    add(f'Concat 13 of pool and input {axis}', [pool, helper.make_node('Concat', ['p', 'z'], ['y'], axis=axis)], {**image, 'z': normal(*shape)})
add('Concat 13 with a constant', [pool, helper.make_node('Concat', ['p', 'w'], ['y'], axis=1)], image, {'w': normal(1, 2, 6, 5)})
for axis in [1, 2]:
    add(f'Split 13 behind a pool {axis}', [pool, helper.make_node('Split', ['p'], ['y', 'z'], axis=axis)], image, outputs=('y', 'z'))
op(0, 'Split', image, {'s': ints(1, 3)}, axis=1, outputs=('y', 'z'))
op(0, 'Split', image, opset=11, axis=3, split=[2, 3], outputs=('y', 'z'))
op(0, 'Split', image, opset=18, axis=3, num_outputs=2, outputs=('y', 'z'))
op(0, 'Slice', image, {'from': ints(1, 0), 'to': ints(-1, 3), 'axes': ints(2, 3)})
op(0, 'Slice', image, {'from': ints(0, 1), 'to': ints(2**63 - 1, 9), 'axes': ints(1, 2), 'steps': ints(2, 2)})
op(0, 'Slice', image, {'from': ints(-1), 'to': ints(-(2**63)), 'axes': ints(3), 'steps': ints(-1)}, label='backwards ')
op(0, 'Slice', image, opset=9, starts=[1], ends=[3], axes=[1])
add('Slice 13 behind a pool', [pool, helper.make_node('Slice', ['p', 'from', 'to', 'axes'], ['y'])], image, {'from': ints(1, 2), 'to': ints(3, 4), 'axes': ints(1, 3)})
op(0, 'Gather', image, {'i': ints(2, 0)}, axis=1)
op(0, 'Gather', image, {'i': np.array(1, dtype='int64')}, axis=2)
op(0, 'Gather', image, {'i': ints(0, 1, 3)}, axis=-1)
op(0, 'Pad', image, {'p': ints(0, 0, 1, 2, 0, 0, 0, 1)})
op(0, 'Pad', image, {'p': ints(0, 1, 0, 0, 0, 2, 0, 0), 'v': np.float32(1.5)})
op(0, 'Pad', image, {'p': ints(0, 0, 2, 1, 0, 0, 1, 2)}, mode='reflect')
op(0, 'Pad', image, opset=9, pads=[0, 0, 1, 1, 0, 0, 1, 1], value=0.5)
op(0, 'Pad', image, {'p': ints(1, 2), 'v': np.float32(0), 'axes': ints(-1)}, opset=18)
add('Pad 13 behind a pool', [pool, helper.make_node('Pad', ['p', 'pads'], ['y'])], image, {'pads': ints(0, 1, 0, 2, 0, 0, 1, 0)})
op(0, 'Expand', {'x': normal(1, 3, 1)}, {'s': ints(1, 3, 4)})
op(0, 'Tile', {'x': normal(1, 3, 2)}, {'t': ints(1, 2, 3)})
op(0, 'DepthToSpace', {'x': normal(1, 8, 2, 3)}, blocksize=2)
op(0, 'DepthToSpace', {'x': normal(1, 8, 2, 3)}, blocksize=2, mode='CRD')
op(0, 'SpaceToDepth', {'x': normal(1, 2, 4, 6)}, blocksize=2)

# Resizing.
empty = np.zeros(0, dtype='float32')
for attributes in [
    {'mode': 'nearest', 'coordinate_transformation_mode': 'asymmetric', 'nearest_mode': 'floor'},
    {'mode': 'nearest'}, {'mode': 'linear'}, {'mode': 'linear', 'coordinate_transformation_mode': 'asymmetric'},
    {'mode': 'linear', 'coordinate_transformation_mode': 'align_corners'},
    {'mode': 'linear', 'coordinate_transformation_mode': 'pytorch_half_pixel'},
    {'mode': 'nearest', 'coordinate_transformation_mode': 'align_corners', 'nearest_mode': 'round_prefer_ceil'},
]:
    op(0, 'Resize', image, {'roi': empty, 's': np.float32([1, 1, 2, 2])}, **attributes)
    op(0, 'Resize', image, {'roi': empty, 'none': empty, 's': ints(1, 4, 9, 3)}, **attributes)
op(0, 'Resize', {'x': normal(1, 2, 4, 4)}, {'roi': empty, 's': np.float32([1, 1, 0.5, 0.5])}, mode='nearest')
op(0, 'Resize', {'x': normal(1, 2, 3, 3)}, {'s': np.float32([1, 1, 2, 3])}, opset=10, mode='nearest')
op(0, 'Resize', {'x': normal(1, 2, 3, 3)}, {'s': np.float32([1, 1, 2, 3])}, opset=10, mode='linear')
op(0, 'Upsample', {'x': normal(1, 2, 3, 3)}, {'s': np.float32([1, 1, 2, 2])}, opset=9, mode='nearest')
op(0, 'Upsample', {'x': normal(1, 2, 3, 3)}, opset=7, mode='linear', scales=[1.0, 1.0, 2.0, 2.0])
op(0, 'Resize', {'x': normal(1, 2, 5)}, {'roi': empty, 's': np.float32([1, 1, 2])}, mode='linear', label='row ')
op(0, 'Resize', image, {'roi': empty, 's': np.float32([2, 2])}, opset=18, mode='linear', axes=[2, 3])

# Recurrence.
time, inputs, units = 5, 3, 2
sequence = {'x': normal(time, 1, inputs)}
for kind, gates in [('LSTM', 4), ('GRU', 3), ('RNN', 1)]:
    for direction in ['forward', 'reverse', 'bidirectional']:
        ways = 2 if direction == 'bidirectional' else 1
        weights = {'w': normal(ways, gates * units, inputs), 'r': normal(ways, gates * units, units), 'b': normal(ways, 2 * gates * units)}
        outputs = ('y', 'h', 'c') if kind == 'LSTM' else ('y', 'h')
        op(0, kind, sequence, weights, opset=14, outputs=outputs, direction=direction, hidden_size=units)
weights = {'w': normal(1, 3 * units, inputs), 'r': normal(1, 3 * units, units), 'b': normal(1, 6 * units)}
op(0, 'GRU', sequence, weights, opset=14, outputs=('y',), hidden_size=units, linear_before_reset=1)
weights = {'w': normal(1, 4 * units, inputs), 'r': normal(1, 4 * units, units)}
states = {'h': normal(1, 1, units), 'c': normal(1, 1, units)}
add('LSTM 14 from states', [helper.make_node('LSTM', ['x', 'w', 'r', '', '', 'h', 'c'], ['y', 'hn', 'cn'], hidden_size=units)],
    {**sequence, **states}, weights, ('y', 'hn', 'cn'), 14)
op(0, 'LSTM', sequence, weights, opset=14, outputs=('y',), hidden_size=units, activations=['HardSigmoid', 'Softsign', 'Softsign'])

# Shape arithmetic, and branches.
nodes = [
    helper.make_node('Shape', ['x'], ['s']), helper.make_node('Gather', ['s', 'two'], ['height']), helper.make_node('Unsqueeze', ['height', 'zero'], ['hs']),
    helper.make_node('Concat', ['one', 'minus', 'hs'], ['wanted'], axis=0), helper.make_node('Reshape', ['x', 'wanted'], ['y']),
]
add('Shape arithmetic 13', nodes, image, {'two': np.array(2, dtype='int64'), 'zero': ints(0), 'one': ints(1), 'minus': ints(-1)})
nodes = [
    helper.make_node('Shape', ['x'], ['s']), helper.make_node('ConstantOfShape', ['s'], ['zeros'], value=numpy_helper.from_array(np.float32([2]))),
    helper.make_node('Mul', ['x', 'zeros'], ['y']),
]
add('ConstantOfShape 13', nodes, {'x': normal(1, 4)})
nodes = [helper.make_node('Range', ['a', 'b', 'c'], ['r']), helper.make_node('Cast', ['r'], ['f'], to=TensorProto.FLOAT), helper.make_node('Add', ['x', 'f'], ['y'])]
add('Range 13', nodes, {'x': normal(1, 4)}, {'a': np.array(1, dtype='int64'), 'b': np.array(8, dtype='int64'), 'c': np.array(2, dtype='int64')})


def branch(name, kind, weight):
    result = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
    return helper.make_graph([helper.make_node(kind, ['x', 'w' + name], [name])], name, [], [result], [numpy_helper.from_array(weight, 'w' + name)])


branches = {'then_branch': branch('t', 'Add', normal(4)), 'else_branch': branch('e', 'Mul', normal(4))}
nodes = [helper.make_node('Shape', ['x'], ['s']), helper.make_node('Size', ['s'], ['rank']), helper.make_node('Equal', ['rank', 'two'], ['c']), helper.make_node('If', ['c'], ['y'], **branches)]
add('If 13 on a constant', nodes, {'x': normal(1, 4)}, {'two': np.array(2, dtype='int64')})
nodes = [helper.make_node('ReduceMax', ['x'], ['m'], keepdims=0), helper.make_node('Greater', ['m', 'limit'], ['c']), helper.make_node('If', ['c'], ['y'], **branches)]
for limit in [-9, 9]:
    add(f'If 13 on what is computed, over {limit}', nodes, {'x': normal(1, 4)}, {'limit': np.float32(limit)})
table = normal(5, 3)
nodes = [helper.make_node('Cast', ['x'], ['i'], to=TensorProto.INT64), helper.make_node('Gather', ['w', 'i'], ['y'])]
add('Gather 13 of an embedding', nodes, {'x': np.float32([[0, 3, 4, 1]])}, {'w': table})

# Stored numbers in every form that is read.
for kind, name in [(np.float16, 'float16'), (np.float64, 'double')]:
    nodes = [helper.make_node('Cast', ['w'], ['f'], to=TensorProto.FLOAT), helper.make_node('Mul', ['x', 'f'], ['y'])]
    add(f'stored {name}', nodes, {'x': normal(1, 4)}, {'w': normal(4).astype(kind)})
for kind, numbers in [(TensorProto.FLOAT, [1.5, -2.25, 0, 4]), (TensorProto.FLOAT16, [1.5, -2.25, 0, 4]), (TensorProto.BFLOAT16, [1.5, -2.25, 0, 4]),
                      (TensorProto.DOUBLE, [1.5, -2.25, 0, 4]), (TensorProto.INT32, [1, -2, 0, 4]), (TensorProto.INT64, [1, -2, 0, 4]), (TensorProto.UINT8, [1, 2, 0, 4]), (TensorProto.INT8, [1, -2, 0, 4]), (TensorProto.UINT32, [1, 2, 0, 4])]:
    nodes = [helper.make_node('Constant', [], ['w'], value=helper.make_tensor('w', kind, [4], numbers)),
             helper.make_node('Cast', ['w'], ['f'], to=TensorProto.FLOAT), helper.make_node('Mul', ['x', 'f'], ['y'])]
    add(f'listed {TensorProto.DataType.Name(kind)}', nodes, {'x': normal(1, 4)})
for name, value in [('value_float', 1.5), ('value_floats', [1.5, -1.0, 2.0, 0.5])]:
    add(f'Constant {name}', [helper.make_node('Constant', [], ['w'], **{name: value}), helper.make_node('Mul', ['x', 'w'], ['y'])], {'x': normal(1, 4)})

with open(sys.argv[1], 'w') as file:
    lines = lambda items: ',\n'.join(json.dumps(item, separators=(',', ':')) for item in items)
    file.write('{"given":[\n' + lines(arrays) + '\n],"cases":[\n' + lines(cases) + '\n]}\n')
print(len(cases), 'cases')
