"""Writes small models of Keras 2 (tf_keras) and Keras 3 with what they compute, to test/fixtures/keras/.

A file holds one model for each version: its topology as `.h5` files have it (which is what the TensorFlow.js converter
copies into model.json) and as `to_json()` writes it where that differs, its weights under the names the converter gives
them, inputs, and the outputs of `model(x, training=False)`.
"""

import base64
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
warnings.simplefilter("ignore")

import h5py
import keras as keras3
import numpy as np
import tf_keras as keras2

FIXTURES = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "keras"


def activations(k):
    L = k.layers
    x = L.Input((9,), name="x")
    names = ["elu", "exponential", "gelu", "hard_sigmoid", "linear", "mish", "relu", "relu6", "selu", "sigmoid"]
    names += ["softmax", "softplus", "softsign", "swish", "tanh"]
    if k is keras3:
        names += ["celu", "hard_silu", "leaky_relu", "log_softmax", "silu"]
    outputs = [L.Activation(name, name=f"act_{name}")(x) for name in names]
    outputs += [
        L.LeakyReLU(0.17, name="leaky")(x),
        L.LeakyReLU(name="leaky_default")(x),
        L.ReLU(max_value=1.5, negative_slope=0.25, threshold=0.5, name="relu_full")(x),
        L.ELU(0.7, name="elu_layer")(x),
        L.PReLU(name="prelu")(x),
        L.Softmax(name="softmax_layer")(x),
        L.Dense(4, activation=L.LeakyReLU(0.4), name="dense_leaky")(x),
        L.Dense(4, activation="hard_sigmoid", name="dense_hard")(x),
    ]
    if k is keras2:
        outputs.append(L.ThresholdedReLU(0.6, name="thresholded")(x))
    return k.Model(x, outputs, name="activations")


def convolutions(k):
    """A Sequential, whose name Keras 3 puts before those of its weights."""
    L = k.layers
    return k.Sequential(
        [
            L.Input((11, 9, 3)),
            L.Rescaling([0.5, 1.0, 2.0], offset=[-1.0, 0.0, 0.25]),
            L.Conv2D(4, 3, strides=2, padding="same", use_bias=False),
            L.BatchNormalization(),
            L.ReLU(max_value=6.0),
            L.DepthwiseConv2D(3, dilation_rate=2, padding="same", depth_multiplier=2, name="depth"),
            L.LeakyReLU(0.1),
            L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2, activation="tanh"),
            L.Conv2DTranspose(4, 3, strides=2, padding="same"),
            L.LayerNormalization(),
            L.Dropout(0.4),
            L.MaxPooling2D(),
            L.GlobalAveragePooling2D(),
            L.Dense(3, activation="softmax", name="probabilities"),
        ],
        name="convolutions",
    )


def images(k):
    L = k.layers
    x = L.Input((5, 4, 2), name="x")
    outputs = [
        L.UpSampling2D((2, 3), name="up_nearest")(x),
        L.UpSampling2D((2, 3), interpolation="bilinear", name="up_bilinear")(x),
        L.Resizing(7, 3, name="larger_smaller")(x),
        L.Resizing(2, 9, name="smaller_larger")(x),
        L.Resizing(8, 6, interpolation="nearest", name="nearest")(x),
        L.CenterCrop(2, 3, name="crop")(x),
        L.RandomCrop(5, 4, name="random_crop")(x),
    ]
    y = L.RandomFlip(name="flip")(x)
    y = L.RandomRotation(0.2, name="rotation")(y)
    y = L.RandomZoom(0.2, name="zoom")(y)
    y = L.RandomTranslation(0.2, 0.2, name="translation")(y)
    y = L.RandomContrast(0.2, name="contrast")(y)
    y = L.RandomBrightness(0.2, name="brightness")(y)
    y = L.GaussianNoise(0.2, name="noise")(y)
    outputs.append(L.Identity(name="unchanged")(y))
    return k.Model(x, outputs, name="images")


def normalizations(k):
    L = k.layers
    x = L.Input((3, 4, 2), name="x")
    outputs = [
        L.Normalization(mean=[1.0, -2.0], variance=[4.0, 0.25], name="config")(x),
        L.Normalization(mean=0.5, variance=2.0, invert=True, name="inverted")(x),
    ]
    rng = np.random.default_rng(5)
    for name, axis in (("last", -1), ("one", None), ("first", 1), ("two", (1, 3)), ("each", (1, 2, 3))):
        layer = L.Normalization(axis=axis, name=f"adapted_{name}")
        layer.adapt(rng.normal(1, 3, (16, 3, 4, 2)).astype("float32"))
        outputs.append(layer(x))
    return k.Model(x, outputs, name="normalizations")


def recurrent(k):
    L = k.layers
    x, h, c = L.Input((6, 3), name="x"), L.Input((4,), name="h"), L.Input((4,), name="c")
    a = L.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True, return_state=True, name="lstm")
    a = a(x, initial_state=[h, c])
    b = L.Bidirectional(L.GRU(3, return_sequences=True), name="both")(a[0])
    d = L.GRU(2, reset_after=False, recurrent_activation="hard_sigmoid", name="before")(b)
    e = L.Bidirectional(L.LSTM(2, name="inner"), merge_mode="sum", name="summed")(b)
    f = L.SimpleRNN(3, go_backwards=True, name="simple")(b)
    return k.Model([x, h, c], [a[2], L.Concatenate(name="joined")([d, e, f])], name="recurrent")


def nested(k):
    """Models in models: called twice, without a shape of their own, and inside a Sequential."""
    L = k.layers
    i = L.Input((5, 5, 2), name="i")
    encoder = k.Model(i, L.Flatten(name="flat")(L.Conv2D(3, 3, activation="relu", name="conv")(i)), name="encoder")
    tail = k.Sequential(
        [L.Dense(5, activation="relu", name="first"), k.Sequential([L.Dense(3, name="second")], name="inner")],
        name="tail",
    )
    a, b, s = L.Input((5, 5, 2), name="left"), L.Input((5, 5, 2), name="right"), L.Input((4, 5), name="steps")
    steps = L.TimeDistributed(L.Dense(3, activation="hard_sigmoid", name="step"), name="each")(s)
    return k.Model([a, b, s], [L.Average(name="mean")([tail(encoder(a)), tail(encoder(b))]), steps], name="nested")


def masked(k):
    """Masks that change nothing."""
    L = k.layers
    i = L.Input((6,), dtype="int32", name="ids")
    e = L.Embedding(12, 4, mask_zero=True, name="table")(i)
    y = L.BatchNormalization(name="norm")(L.Dropout(0.5)(L.Dense(3, activation="relu", name="dense")(e)))
    z = L.Concatenate(name="joined")([y, e])
    outputs = [
        L.Dense(2, name="a")(L.Flatten()(z)),
        L.Dense(2, name="b")(L.GlobalMaxPooling1D()(L.Conv1D(3, 2, padding="causal", name="conv")(e))),
        y,
    ]
    return k.Model(i, outputs, name="masked")


def named(k):
    """Inputs and outputs in dictionaries, whose order is that of their names."""
    L = k.layers
    z, a = L.Input((3,), name="z"), L.Input((2,), name="a")
    y = L.Dense(2, name="dense")(L.Concatenate(name="joined")([z, a]))
    return k.Model({"z": z, "a": a}, {"sum": L.Add(name="sum")([y, a]), "difference": L.Subtract(name="difference")([y, a])})


def half(k):
    L = k.layers
    policy = k.mixed_precision.Policy("mixed_float16") if k is keras2 else k.DTypePolicy("mixed_float16")
    return k.Sequential(
        [L.Input((8,)), L.Dense(6, activation="relu", dtype=policy), L.Dense(2, dtype="float32")], name="half"
    )


MODELS = [activations, convolutions, half, images, masked, named, nested, normalizations, recurrent]


def shortest(values):
    """Floats as the shortest decimals that read back as the same float32."""
    return [float(np.format_float_positional(v, unique=True)) for v in np.asarray(values, "float32").ravel()]


def randomize(model, k, deep=False):
    """Nothing stays at its initial value, or a weight that is not read would go unnoticed."""
    rng = np.random.default_rng(3)
    for w in model.weights:
        name = w.path if k is keras3 else w.name
        if not np.issubdtype(w.numpy().dtype, np.floating) or "adapted" in name or "/" not in name:
            continue  # adapted layers keep a copy of their statistics
        low, high = (0.5, 1.5) if "variance" in name else (-0.8, 0.8)
        value = rng.uniform(low, high, w.shape)
        if deep and len(w.shape) > 1:
            value = w.numpy()  # many layers would make of larger weights what no float holds
        elif deep and "variance" not in name:
            value = w.numpy() + value / 8
        w.assign(value.astype("float32"))


def weights_of(path):
    """Names and values as tensorflowjs_converter takes them from an .h5 file."""
    weights = []
    with h5py.File(path, "r") as file:
        group = file["model_weights"]
        for layer in group.attrs["layer_names"]:
            for name in group[layer].attrs["weight_names"]:
                value = np.asarray(group[layer][name])
                kind = "int32" if np.issubdtype(value.dtype, np.integer) else "float32"
                text = (name if isinstance(name, str) else name.decode()).split(":")[0]
                # A layer adapted before it is part of a model has weights without its name; its group tells.
                text = text if "/" in text else f"{layer}/{text}"
                data = base64.b64encode(value.astype(kind).tobytes()).decode()
                weights.append({"name": text, "shape": list(value.shape), "dtype": kind, "data": data})
        head = {name: file.attrs[name] for name in ("keras_version", "backend", "model_config")}
    return weights, {**head, "model_config": json.loads(head["model_config"])}


def build(make, k, batch=2, deep=False):
    """A model with numbers that matter, inputs for it, and what it computes."""
    k.backend.clear_session()
    k.utils.set_random_seed(7)
    model = make(k)
    rng = np.random.default_rng(11)
    feeds = {}
    for tensor in model.inputs:
        name, shape = tensor.name.split(":")[0], [batch, *tensor.shape[1:]]
        whole = "int" in str(tensor.dtype)
        feeds[name] = rng.integers(0, 12, shape).astype("int32") if whole else rng.normal(0, 1.5, shape).astype("float32")
    given = list(feeds.values())
    if make is nested or not model.built:
        model(given if len(given) > 1 else given[0])
    randomize(model, k, deep)
    structure = feeds if make is named else given if len(given) > 1 else given[0]
    outputs = model(structure, training=False)
    flat = [outputs[name] for name in sorted(outputs)] if isinstance(outputs, dict) else outputs
    return model, feeds, flat if isinstance(flat, (list, tuple)) else [flat]


def numbers(feeds, outputs):
    """Inputs and outputs as fixtures have them."""
    return {
        "inputs": {name: {"shape": list(v.shape), "values": v.ravel().tolist() if v.dtype == "int32" else shortest(v)} for name, v in feeds.items()},
        "outputs": [{"shape": list(np.shape(o)), "values": shortest(o)} for o in outputs],
    }


def sample(make, k):
    model, feeds, outputs = build(make, k)
    written = json.loads(model.to_json())
    if make is images and k is keras3:  # Keras 3 cannot save its Random layers as .h5; the model has no weights.
        weights, topology = [], {"keras_version": k.__version__, "backend": "tensorflow", "model_config": written}
    else:
        with tempfile.TemporaryDirectory() as folder:
            model.save(f"{folder}/model.h5")
            weights, topology = weights_of(f"{folder}/model.h5")
    return {
        "keras": k.__version__,
        "topology": topology,
        **({"json": written} if k is keras3 else {}),
        "weights": weights,
        **numbers(feeds, outputs),
    }


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:]
    for make in MODELS:
        if wanted and make.__name__ not in wanted:
            continue
        samples = {"keras-2": sample(make, keras2), "keras-3": sample(make, keras3)}
        path = FIXTURES / f"{make.__name__}.json"
        path.write_text(json.dumps(samples, separators=(",", ":")) + "\n")
        print(path.name, path.stat().st_size)
