"""What the scripts here share: the toolkit under Keras 2, schedules and optimizers from plain data, compact JSON."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # the toolkit knows Keras 2 only
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorflow as tf
import tensorflow_model_optimization as tfmot

keras = tf.keras
layers = keras.layers
sparsity = tfmot.sparsity.keras

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "parity"

MADE_BY = {
    "python": platform.python_version(),
    **{name: version(name) for name in ("tensorflow-cpu", "tf_keras", "tensorflow-model-optimization", "numpy")},
}


def polynomial(initial, final, begin, end, frequency, power=3):
    return {
        "className": "PolynomialDecay",
        "initialSparsity": initial,
        "finalSparsity": final,
        "beginStep": begin,
        "endStep": end,
        "frequency": frequency,
        "power": power,
    }


def constant(target, begin, end, frequency):
    return {
        "className": "ConstantSparsity",
        "targetSparsity": target,
        "beginStep": begin,
        "endStep": end,
        "frequency": frequency,
    }


def schedule_of(spec):
    if spec["className"] == "ConstantSparsity":
        return sparsity.ConstantSparsity(
            spec["targetSparsity"], spec["beginStep"], spec["endStep"], spec["frequency"]
        )
    return sparsity.PolynomialDecay(
        spec["initialSparsity"],
        spec["finalSparsity"],
        spec["beginStep"],
        spec["endStep"],
        spec["power"],
        spec["frequency"],
    )


def optimizer_of(spec):
    if spec["className"] == "Adam":
        return keras.optimizers.Adam(spec["learningRate"], spec["beta1"], spec["beta2"], spec["epsilon"])
    return keras.optimizers.SGD(spec["learningRate"], spec["momentum"])


def sgd(rate):
    return {"className": "SGD", "learningRate": rate, "momentum": 0.0}


def momentum(rate):
    return {"className": "SGD", "learningRate": rate, "momentum": 0.9}


def adam(rate):
    """Keras adds epsilon to the root of the second moment before that is corrected for bias, TensorFlow.js after it.

    At step 1 Keras' epsilon weighs 32 times as much. Both agree where epsilon is far below every gradient, so it is.
    """
    return {"className": "Adam", "learningRate": rate, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-12}


def weight_key(layer, weight):
    """`hidden/kernel` for the variable `hidden/kernel:0`, `lstm/kernel` for `lstm/lstm_cell/kernel:0`."""
    return f"{layer.name}/{weight.name.split('/')[-1].split(':')[0]}"


def wrap(model, options, schedule_for):
    """`model` with every layer wrapped; `schedule_for(layer)` gives each its schedule."""
    params = {}
    if "blockSize" in options:
        params["block_size"] = tuple(options["blockSize"])
        params["block_pooling_type"] = options["blockPoolingType"]
    if "sparsityMByN" in options:
        params["sparsity_m_by_n"] = tuple(options["sparsityMByN"])

    def clone(layer):
        if isinstance(layer, layers.InputLayer):
            return layer.__class__.from_config(layer.get_config())
        return sparsity.prune_low_magnitude(layer, pruning_schedule=schedule_of(schedule_for(layer)), **params)

    return keras.models.clone_model(model, clone_function=clone)


def wrappers_of(model):
    return [layer for layer in model.layers if hasattr(layer, "pruning_vars")]


def state_of(model):
    """Weights, masks and thresholds of `model`, now."""
    weights, masks, thresholds = {}, {}, {}
    for wrapper in wrappers_of(model):
        inner = wrapper.layer
        for weight in inner.weights:
            weights[weight_key(inner, weight)] = weight.numpy()
        for weight, mask, threshold in wrapper.pruning_vars:
            key = weight_key(inner, weight)
            masks[key] = mask.numpy()
            thresholds[key] = threshold.numpy()
    return {"weights": weights, "masks": masks, "thresholds": thresholds}


def number(value):
    """The shortest decimal that reads back as the same float32; -0 keeps its sign."""
    text = str(np.float32(value))
    return text[:-2] if text.endswith(".0") else text


def numbers(array):
    return "[" + ",".join(number(value) for value in np.asarray(array).ravel()) + "]"


def bits(array):
    return '"' + "".join("1" if value else "0" for value in np.asarray(array).ravel()) + '"'


def tensor(array):
    return '{"shape":' + json.dumps(list(array.shape), separators=(",", ":")) + ',"values":' + numbers(array) + "}"


def record(values, write):
    return "{" + ",".join(f'"{key}":{write(value)}' for key, value in values.items()) + "}"


def compact(value):
    return json.dumps(value, separators=(",", ":"))
