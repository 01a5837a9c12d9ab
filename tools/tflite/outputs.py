"""What LiteRT computes of .tflite files: `outputs.py OUT.json FILE.tflite ...`, inputs by number from a seed."""

import base64
import json
import os
import sys

import ai_edge_litert
import numpy as np
import tflite
from ai_edge_litert.interpreter import Interpreter, OpResolverType

MOST = 512


def uniform(count, seed):
    """The same numbers in [0, 1) as `uniformValues` of testing/seeded.ts."""
    i = np.arange(1, count + 1, dtype=np.uint64)
    state = (np.uint64(seed) + i * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    mixed = ((state ^ (state >> np.uint64(16))) * np.uint64(0x85EBCA6B)) & np.uint64(0xFFFFFFFF)
    mixed = ((mixed ^ (mixed >> np.uint64(13))) * np.uint64(0xC2B2AE35)) & np.uint64(0xFFFFFFFF)
    return ((mixed ^ (mixed >> np.uint64(16))).astype(np.float64) / 2**32).astype(np.float32)


def given(detail, seed, whole):
    """Floats in [-1, 1); for quantised inputs their nearest levels; whole numbers below 8 where they are indices."""
    values = uniform(int(np.prod(detail['shape'])), seed).reshape(detail['shape'])
    if whole:
        return np.floor(values * 8).astype(detail['dtype'])
    if detail['dtype'] == np.float32:
        return values * 2 - 1
    scale, zero = detail['quantization']
    if scale == 0:
        return np.floor(values * 8).astype(detail['dtype'])
    limits = np.iinfo(detail['dtype'])
    levels = np.round((values * 2 - 1) / scale) + zero
    return np.clip(levels, limits.min, limits.max).astype(detail['dtype'])


def real(values, detail):
    scale, zero = detail['quantization']
    quantised = scale != 0 and values.dtype in (np.int8, np.uint8, np.int16)
    return ((values.astype(np.float32) - zero) * np.float32(scale)) if quantised else values.astype(np.float32)


def text(values):
    return base64.b64encode(np.ascontiguousarray(values, '<f4').tobytes()).decode()


def without_tail(path):
    """A file without its last two operators, Convolution2DTransposeBias, which LiteRT lacks, and LOGISTIC behind it; and
    the weights of the first. None for a file that does not end so."""
    data = bytearray(open(path, 'rb').read())
    model = tflite.Model.GetRootAs(data, 0)
    graph = model.Subgraphs(0)
    count = graph.OperatorsLength()
    if count < 2:
        return None
    last = graph.Operators(count - 2)
    if model.OperatorCodes(last.OpcodeIndex()).CustomCode() != b'Convolution2DTransposeBias':
        return None
    # Same padding, strides of 2, which is what a window of 2 x 2 fits without overlap.
    assert list(last.CustomOptionsAsNumpy().view(np.int32)[:3]) == [1, 2, 2]
    image, kernel, bias = (int(tensor) for tensor in last.InputsAsNumpy())
    of = lambda tensor: sources(graph).get(tensor, tensor)
    weights = [constant(model, graph, of(tensor)) for tensor in (kernel, bias)]
    table = graph._tab
    outputs_at = table.Vector(table.Offset(8))
    data[outputs_at : outputs_at + 4] = np.int32(image).tobytes()
    count_at = table.Vector(table.Offset(10)) - 4
    data[count_at : count_at + 4] = np.uint32(count - 2).tobytes()
    return bytes(data), weights


def sources(graph):
    """What the outputs of operators of one input are made of."""
    operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    return {int(o.Outputs(0)): int(o.Inputs(0)) for o in operators if o.InputsLength() == 1}


def constant(model, graph, index):
    tensor = graph.Tensors(index)
    types = {tflite.TensorType.FLOAT32: '<f4', tflite.TensorType.FLOAT16: '<f2'}
    values = model.Buffers(tensor.Buffer()).DataAsNumpy().view(types[tensor.Type()])
    return values.astype(np.float32).reshape(tensor.ShapeAsNumpy())


def transposed(image, kernel, bias):
    """[1, h, w, i] and [o, 2, 2, i] to [1, 2h, 2w, o]."""
    _, height, width, _ = image.shape
    blocks = np.einsum('hwi,oyxi->hywxo', image[0], kernel)
    return blocks.reshape(1, 2 * height, 2 * width, -1) + bias


def outputs(path):
    """Every `every`-th number of each output, as base64 of float32, and the largest magnitude of all.

    Behind an `@` the path may have the shape of its only input: `FILE.tflite@1,1280`.
    """
    path, _, shape = path.partition('@')
    rest = without_tail(path)
    interpreter = Interpreter(
        **({'model_path': path} if rest is None else {'model_content': rest[0]}),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    if shape:
        index = interpreter.get_input_details()[0]['index']
        interpreter.resize_tensor_input(index, [int(size) for size in shape.split(',')])
    interpreter.allocate_tensors()
    casts = [tensor for op in interpreter._get_ops_details() if op['op_name'] == 'CAST' for tensor in op['inputs']]
    for i, detail in enumerate(interpreter.get_input_details()):
        interpreter.set_tensor(detail['index'], given(detail, i + 1, detail['index'] in casts))
    interpreter.invoke()
    rows = []
    for detail in interpreter.get_output_details():
        values = real(interpreter.get_tensor(detail['index']), detail)
        if rest is not None:
            values = (1 / (1 + np.exp(-transposed(values, *rest[1])))).astype(np.float32)
        flat = values.reshape(-1)
        every = -(-flat.size // MOST)
        rows.append({
            'shape': list(values.shape),
            'every': every,
            'largest': float(np.max(np.abs(flat))),
            'values': text(flat[::every]),
        })
    return rows


def main(out, paths):
    files = {os.path.basename(path).partition('@')[0]: outputs(path) for path in sorted(paths)}
    with open(out, 'w') as file:
        json.dump({'madeBy': f'ai-edge-litert {ai_edge_litert.__version__}', 'files': files}, file, indent=1)
        file.write('\n')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2:])
