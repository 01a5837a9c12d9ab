"""Writes models of Keras 2 (tf_keras) and Keras 3 as `.h5` and `.keras` files, to test/fixtures/keras-files/.

Each model is saved four times: MODEL.k2.h5, MODEL.k2.keras, MODEL.k3.h5, MODEL.k3.keras. MODEL.k2.json and MODEL.k3.json
have inputs, and what Python computes from them. Some files are written again with h5py and zipfile as other tools store
them: deflated, in pieces, with newer headers. `--large` writes models of keras.applications to .cache/keras/ instead.
`--read ORIGINALS CHANGED` opens changed files of one folder with Python's own Keras: every weight must be that of the
original, or its half plus 0.25.
"""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import fixtures
import h5py
import numpy as np
import tensorflow as tf
from fixtures import keras2, keras3

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "test" / "fixtures" / "keras-files"
LARGE = ROOT / ".cache" / "keras"


def cnn(k):
    L = k.layers
    return k.Sequential(
        [
            L.Input((12, 12, 3)),
            L.Conv2D(4, 3, padding="same", activation="relu"),
            L.BatchNormalization(scale=False),
            L.MaxPooling2D(),
            L.Conv2D(8, 3, strides=2, use_bias=False),
            L.BatchNormalization(center=False),
            L.ReLU(max_value=6.0),
            L.Flatten(),
            L.Dropout(0.3),
            L.Dense(10, activation="softmax", name="probabilities"),
        ],
        name="cnn",
    )


def no_input(k):
    """A Sequential without an input, built by a call."""
    model = k.Sequential([k.layers.Dense(5, activation="relu"), k.layers.Dense(3)], name="no_input")
    model.build((None, 4))
    model.inputs or model(np.zeros((1, 4), "float32"))
    return model


def shared(k):
    """A layer that is called twice, and two models with layers of the same names."""
    L = k.layers
    twin = L.Dense(6, activation="tanh", name="twin")
    models = []
    for name in ("one", "other"):
        i = L.Input((6,), name="i")
        models.append(k.Model(i, L.Dense(3, name="same")(i), name=name))
    a, b = L.Input((8,), name="a"), L.Input((8,), name="b")
    x, y = twin(a), twin(b)
    return k.Model([a, b], [models[0](L.Subtract()([x, y])), models[1](L.Multiply()([x, y]))], name="shared")


def operations(k):
    """Arithmetic on tensors, without layers."""
    L = k.layers
    i, v = L.Input((6, 6, 3), name="image"), L.Input((4,), name="vector")
    x = L.Conv2D(4, 3, padding="same", name="conv")(i)
    if k is keras3:
        o = k.ops
        y = x * o.sigmoid(x) + 3.0
        y = o.mean(y, axis=[1, 2], keepdims=True)
        z = o.relu6(x - y) / 6.0
        w = 1.0 - o.sqrt(o.abs(v) + 0.5) * 2.0
        w = o.concatenate([w, o.square(v), -v], axis=-1)
        w = o.clip(o.maximum(w, 0.1), 0.0, 1.2)
        s = o.reshape(o.transpose(z, (0, 3, 1, 2)), (-1, 4, 36))
        s = o.softmax(o.matmul(s, o.transpose(s, (0, 2, 1))), axis=-1)
        p = z[:, 1:5, ::2, :] + o.expand_dims(o.expand_dims(o.tanh(v), 1), 1)
        q = o.power(o.exp(o.minimum(v, 1.0)), 0.5) + o.log(o.abs(v) + 1.0) + o.max(x, axis=(1, 2))
        add = L.Add(name="layer")([x, z])
    else:
        y = x * tf.sigmoid(x) + 3.0
        y = tf.reduce_mean(y, axis=[1, 2], keepdims=True)
        z = tf.nn.relu6(x - y) / 6.0
        w = 1.0 - tf.sqrt(tf.abs(v) + 0.5) * 2.0
        w = tf.concat([w, tf.square(v), -v], axis=-1)
        w = tf.clip_by_value(tf.maximum(w, 0.1), 0.0, 1.2)
        s = tf.reshape(tf.transpose(z, (0, 3, 1, 2)), (-1, 4, 36))
        s = tf.nn.softmax(tf.matmul(s, tf.transpose(s, (0, 2, 1))), axis=-1)
        p = z[:, 1:5, ::2, :] + tf.expand_dims(tf.expand_dims(tf.tanh(v), 1), 1)
        q = tf.pow(tf.exp(tf.minimum(v, 1.0)), 0.5) + tf.math.log(tf.abs(v) + 1.0) + tf.reduce_max(x, axis=(1, 2))
        add = L.Add(name="layer")([x, z])
    return k.Model([i, v], [L.Flatten(name="flat")(z), w, s, p, q, L.Conv2D(2, 1, name="after")(add)], name="operations")


def more_layers(k):
    L = k.layers
    i, s = L.Input((8, 8, 4), name="image"), L.Input((9, 4), name="steps")
    x = L.Conv2D(6, 3, groups=2, name="grouped")(i)
    x = L.GroupNormalization(3, name="group_norm")(x)
    x = L.UnitNormalization(name="unit_norm")(x)
    y = L.ZeroPadding1D((1, 2), name="padded")(s)
    y = L.DepthwiseConv1D(3, depth_multiplier=2, padding="same", name="depth_1d")(y)
    y = L.Conv1DTranspose(3, 4, strides=2, padding="same", name="up_1d")(y)
    y = L.Cropping1D((2, 1), name="cropped")(L.UpSampling1D(2, name="repeated")(y))
    y = L.GroupNormalization(-1, name="instance_norm")(y)
    return k.Model([i, s], [L.GlobalAveragePooling2D(keepdims=True, name="mean")(x), y], name="more_layers")


def unknown(k):
    """A layer of the user's own, with weights that no one else knows."""

    @k.saving.register_keras_serializable("mine")
    class Scale(k.layers.Layer):
        def build(self, shape):
            self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")
            super().build(shape)

        def call(self, x):
            return x * self.factor

    return k.Sequential([k.layers.Input((5,)), k.layers.Dense(4, name="dense"), Scale(name="scale")], name="unknown")


def mobilenet_v2(k):
    return k.applications.MobileNetV2(input_shape=(96, 96, 3), alpha=0.35, weights=None, classes=10)


MODELS = [cnn, no_input, shared, operations, more_layers, unknown]
MODELS += [fixtures.recurrent, fixtures.nested, fixtures.masked, fixtures.named, fixtures.normalizations, fixtures.half]


def large():
    def of(name, size):
        def make(k):
            return getattr(k.applications, name)(input_shape=(size, size, 3), weights=None, classes=10)

        make.__name__ = name.lower()
        return make

    sizes = {"MobileNetV3Small": 96, "EfficientNetB0": 64, "EfficientNetV2B0": 64, "ResNet50": 64, "DenseNet121": 64}
    return [mobilenet_v2, *(of(name, size) for name, size in sizes.items())]


def write(make, folder, *, deep=False, kinds=("k2.h5", "k2.keras", "k3.h5", "k3.keras")):
    for tag, k in (("k2", keras2), ("k3", keras3)):
        files = [kind for kind in kinds if kind.startswith(tag)]
        if not files:
            continue
        model, feeds, outputs = fixtures.build(make, k, batch=1 if deep else 2, deep=deep)
        path = folder / f"{make.__name__}.{tag}.json"
        path.write_text(json.dumps(fixtures.numbers(feeds, outputs), separators=(",", ":")) + "\n")
        for kind in files:
            model.save(folder / f"{make.__name__}.{kind}")
        print(path.stem, model.count_params())


def copied(source, target, libver, options):
    """An HDF5 file whose data is stored in another way."""

    def copy(a, b):
        for key, value in a.attrs.items():
            b.attrs[key] = value
        for key in a:
            if isinstance(a[key], h5py.Group):
                copy(a[key], b.create_group(key))
                continue
            value, given = a[key][()], dict(options) if a[key].shape else {}
            if given.get("chunks"):
                given["chunks"] = tuple(max(1, (size + 1) // 2) for size in value.shape)
            if given.pop("growing", False):
                given["maxshape"] = (None,) * value.ndim
            copy_of = b.create_dataset(key, data=value, **given)
            for name, attribute in a[key].attrs.items():
                copy_of.attrs[name] = attribute

    with h5py.File(source, "r") as a, h5py.File(target, "w", libver=libver) as b:
        copy(a, b)


def write_stored(folder):
    """Models stored as Keras does not, but h5py and zip tools do."""
    pieces = {"chunks": True}
    ways = [
        ("cnn", "pieces", "earliest", {**pieces, "growing": True}),
        ("cnn", "deflated", "earliest", {**pieces, "compression": "gzip", "shuffle": True, "fletcher32": True}),
        ("no_input", "newer", "v108", {}),
    ]
    for model, way, libver, options in ways:
        name = f"{model}_{way}"
        for tag in ("k2", "k3"):
            shutil.copy(folder / f"{model}.{tag}.json", folder / f"{name}.{tag}.json")
        copied(folder / f"{model}.k2.h5", folder / f"{name}.k2.h5", libver, options)
        weights, path = folder / "weights.h5", folder / f"{name}.k3.keras"
        with zipfile.ZipFile(folder / f"{model}.k3.keras") as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for member in source.infolist():
                if member.filename != "model.weights.h5":
                    target.writestr(member, source.read(member))
                    continue
                weights.write_bytes(source.read(member))
                copied(weights, folder / "copied.h5", libver, options)
                with target.open(member.filename, "w", force_zip64=True) as file:
                    file.write((folder / "copied.h5").read_bytes())
        weights.unlink()
        (folder / "copied.h5").unlink()


def write_refused(folder):
    """Files that hold no whole model in floats."""
    model, _, _ = fixtures.build(no_input, keras3)
    model.save_weights(folder / "weights_only.weights.h5")
    model.quantize("int8")
    model.save(folder / "quantized.keras")
    model, _, _ = fixtures.build(no_input, keras3)
    model.layers[0].enable_lora(2)
    model.save(folder / "lora.keras")


def read_back(originals, changed):
    failed = 0
    for path in sorted(Path(changed).iterdir()):
        k = keras2 if ".k2." in path.name else keras3
        if path.suffix not in (".h5", ".keras"):
            continue
        try:
            before = k.models.load_model(Path(originals) / path.name, compile=False)
        except Exception:  # Keras 3 cannot read its own .h5 of operations
            print("unreadable", path.name)
            continue
        after = k.models.load_model(path, compile=False)
        wrong = 0
        for a, b in zip(before.get_weights(), after.get_weights(), strict=True):
            wrong += not (np.array_equal(a, b) or np.allclose(a * 0.5 + 0.25, b, atol=1e-6))
        failed += wrong
        print("read" if wrong == 0 else "WRONG", path.name)
    sys.exit(failed > 0)


if __name__ == "__main__":
    if "--read" in sys.argv:
        read_back(*sys.argv[-2:])
    is_large = "--large" in sys.argv
    out = LARGE if is_large else SMALL
    out.mkdir(parents=True, exist_ok=True)
    for model in large() if is_large else MODELS:
        write(model, out, deep=is_large)
    if not is_large:
        write(mobilenet_v2, out, deep=True, kinds=["k3.keras"])
        write_stored(out)
        write_refused(out)
