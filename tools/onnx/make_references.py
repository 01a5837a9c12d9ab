"""Writes what onnxruntime makes of published models, which `npm run models` fetches, as test/fixtures/onnx/published.json.

Inputs come of a multiplicative hash of each place, so that a test makes the same without storing them. Of an output
every n-th number is kept.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

# Sizes for those that the files leave open; the batch, and the state of silero, are of one example.
SHAPES = {
    'ch_PP-OCRv4_det_infer': {'x': [1, 3, 64, 96]},
    'ch_PP-OCRv4_rec_infer': {'x': [1, 3, 48, 64]},
    'ch_ppocr_mobile_v2.0_cls_infer': {'x': [1, 3, 48, 96]},
    'melspectrogram': {'input': [1, 2000]},
    'silero_vad': {'input': [1, 512]},
}
SILERO = {'input': [1, 576], 'state': [2, 1, 128]}
MOST = 128
# A tensor to end at: what comes out of the last sigmoid of noise is all but 0.
CUTS = {'ch_PP-OCRv4_det_infer': 'Sigmoid'}


def numbers(shape, scale):
    """In [-scale, scale)."""
    places = np.arange(int(np.prod(shape)), dtype=np.uint64)
    hashed = (places * np.uint64(2654435761) + np.uint64(1013904223)) % np.uint64(2**32)
    return (((hashed / 2**32) * 2 - 1) * scale).astype('float32').reshape(shape)


def run(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    model = onnx.load(path)
    cut = [node.input[0] for node in model.graph.node if node.op_type == CUTS.get(path.stem)]
    for name in cut:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    shapes = SHAPES.get(path.stem, SILERO if path.stem.startswith('silero') else {})
    inputs, feeds = {}, {}
    for given in session.get_inputs():
        if given.type == 'tensor(int64)':
            inputs[given.name] = {'value': 16000}
            feeds[given.name] = np.array(16000, dtype='int64')
            continue
        shape = shapes.get(given.name) or [size if isinstance(size, int) else 1 for size in given.shape]
        scale = 0.25 if path.stem.startswith('silero') else 1
        inputs[given.name] = {'shape': shape, 'scale': scale}
        feeds[given.name] = numbers(shape, scale)
    outputs = {}
    names = cut or [result.name for result in session.get_outputs()]
    for name, array in zip(names, session.run(names, feeds)):
        every = max(1, array.size // MOST)
        values = [float(f'{value:.7g}') for value in array.ravel()[::every].tolist()]
        outputs[name] = {'count': array.size, 'every': every, 'largest': float(f'{np.abs(array).max():.7g}'), 'values': values}
    return {'inputs': inputs, 'outputs': outputs, **({'cut': cut} if cut else {})}


files = {path.name: run(path) for path in sorted(Path(sys.argv[1]).glob('*.onnx'))}
with open(sys.argv[2], 'w') as file:
    file.write('{\n' + ',\n'.join(f'{json.dumps(name)}:{json.dumps(value, separators=(",", ":"))}' for name, value in files.items()) + '\n}\n')
print(len(files), 'files')
