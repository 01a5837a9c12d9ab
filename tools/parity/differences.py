"""Records what the Python toolkit does in the cases where this library decides otherwise on purpose.

Writes test/fixtures/parity/differences.json: facts from the toolkit, next to which the tests put what this library does.
"""

from common import *


def kernel_model(kernel):
    """A dense layer without bias that holds `kernel`."""
    keras.backend.clear_session()
    kernel = np.asarray(kernel, np.float32)
    model = keras.Sequential([layers.Dense(kernel.shape[1], use_bias=False, input_shape=(kernel.shape[0],), name="only")])
    model.layers[0].set_weights([kernel])
    return model


class StepRecorder(keras.callbacks.Callback):
    """Keeps `look(model)` after every training step."""

    def __init__(self, look):
        super().__init__()
        self.look = look
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(self.look(self.model))


def train(model, schedule, options, steps, look, rate=0.0):
    """Trains on ones towards zeros for `steps` steps of one epoch, and gives the model and what `look` saw."""
    wrapped = wrap(model, options, lambda layer: schedule)
    return fit(wrapped, steps, look, rate)


def fit(wrapped, steps, look, rate=0.0, inputs=None):
    wrapped.compile(keras.optimizers.SGD(rate), loss="mse")
    recorder = StepRecorder(look)
    if inputs is None:
        inputs = np.ones((steps, *wrapped.input_shape[1:]), np.float32)
    targets = np.zeros((steps, *wrapped.output_shape[1:]), np.float32)
    wrapped.fit(
        inputs, targets, batch_size=1, shuffle=False, verbose=0, callbacks=[sparsity.UpdatePruningStep(), recorder]
    )
    return wrapped, recorder.seen


def first_mask(kernel, target, options=None):
    """The mask and threshold after one step that is an update step and changes no weight."""
    _, seen = train(kernel_model(kernel), constant(target, 1, -1, 1), options or {}, 1, state_of)
    mask = seen[0]["masks"]["only/kernel"]
    return {
        "kernel": kernel,
        "targetSparsity": target,
        **(options or {}),
        "pythonMask": mask.astype(int).ravel().tolist(),
        "pythonThreshold": float(number(seen[0]["thresholds"]["only/kernel"])),
    }


def mask_sparsity(model):
    return {key: round(1 - float(mask.mean()), 6) for key, mask in state_of(model)["masks"].items()}


def outcome(action):
    """The name of the exception that `action` raises, or null."""
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return None


def polynomial_that_misses():
    schedule = polynomial(0.2, 0.8, 1, 11, 6)
    kernel = np.arange(1, 21).reshape(10, 2).tolist()
    _, seen = train(kernel_model(kernel), schedule, {}, 12, mask_sparsity)
    return {"schedule": schedule, "kernel": kernel, "pythonSparsity": [step["only/kernel"] for step in seen]}


def polynomial_without_length():
    schedule = polynomial(0.2, 0.8, 2, 2, 1)
    value = [float(schedule_of(schedule)(tf.constant(step))[1]) for step in (1, 2, 3)]
    return {"schedule": schedule, "pythonSparsity": [None if np.isnan(v) else float(number(v)) for v in value]}


def m_by_n_ignores_the_schedule():
    schedule = constant(0.5, 3, 3, 1)
    kernel = [[4, 1], [3, 2], [2, 3], [1, 4]]
    options = {"sparsityMByN": [2, 4]}
    wrapped, seen = train(kernel_model(kernel), schedule, options, 4, mask_sparsity)
    return {
        "schedule": schedule,
        "kernel": kernel,
        **options,
        "pythonSparsity": [step["only/kernel"] for step in seen],
        "pythonConfigHasIt": "sparsity_m_by_n" in wrapped.layers[0].get_config(),
    }


def stripped_zeros():
    kernel = [[1, 4], [5, 2], [3, 6]]
    wrapped, _ = train(kernel_model(kernel), constant(0.5, 1, -1, 1), {}, 1, lambda model: None, 0.01)
    stripped = sparsity.strip_pruning(wrapped).layers[0].get_weights()[0]
    zeros = stripped == 0
    return {
        "kernel": kernel,
        "targetSparsity": 0.5,
        "learningRate": 0.01,
        "pythonZeros": int(zeros.sum()),
        "pythonNegativeZeros": int((zeros & np.signbit(stripped)).sum()),
    }


def stripped_after_a_bare_step():
    """Stripping in the middle of an epoch, where the weights have drifted from their masks."""
    kernel = [[1, 4], [5, 2], [3, 6]]
    model = wrap(kernel_model(kernel), {}, lambda layer: constant(0.5, 1, -1, 1))
    model.compile(keras.optimizers.SGD(0.01), loss="mse")
    callback = sparsity.UpdatePruningStep()
    callback.set_model(model)
    callback.on_train_begin()
    model.train_on_batch(np.ones((1, 3), np.float32), np.zeros((1, 2), np.float32))
    stripped = sparsity.strip_pruning(model).layers[0].get_weights()[0]
    return {"kernel": kernel, "targetSparsity": 0.5, "learningRate": 0.01, "pythonZeros": int((stripped == 0).sum())}


def shared_layer_counts_uses():
    keras.backend.clear_session()
    shared = layers.Dense(4, use_bias=False, name="shared")
    left, right = keras.Input((4,)), keras.Input((4,))
    out = layers.Dense(4, use_bias=False, name="out")(layers.Concatenate()([shared(left), shared(right)]))
    schedule = constant(0.5, 3, -1, 100)
    wrapped = wrap(keras.Model([left, right], out), {}, lambda layer: schedule)
    _, seen = fit(wrapped, 4, mask_sparsity, inputs=[np.ones((4, 4), np.float32)] * 2)
    return {"schedule": schedule, "pythonSparsity": seen}


def guard_fires_once():
    model = wrap(kernel_model([[1, 2], [3, 4]]), {}, lambda layer: constant(0.5, 1, -1, 1))
    batch = np.ones((1, 2), np.float32)
    return {"pythonErrors": [outcome(lambda: model(batch, training=True)) for _ in range(2)]}


def layers_refused():
    schedule = schedule_of(constant(0.5, 1, -1, 1))

    def prune(layer, **params):
        return outcome(lambda: sparsity.prune_low_magnitude(layer, schedule, **params))

    return {
        "Bidirectional": prune(layers.Bidirectional(layers.LSTM(2), input_shape=(3, 2))),
        "TimeDistributed": prune(layers.TimeDistributed(layers.Dense(2), input_shape=(3, 2))),
        "ConvLSTM2D": prune(layers.ConvLSTM2D(2, 2, input_shape=(3, 4, 4, 1))),
        "blocks on a conv kernel": outcome(
            lambda: sparsity.prune_low_magnitude(
                keras.Sequential([layers.Conv2D(4, 1, input_shape=(2, 2, 4))]), schedule, block_size=(2, 2)
            )
        ),
    }


def adam_epsilon():
    """One step of Adam from zero with gradients down to the size of epsilon."""
    gradients = [1.0, 1e-3, 1e-5, 1e-6]
    options = {"learningRate": 0.1, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
    optimizer = optimizer_of({"className": "Adam", **options})
    variable = tf.Variable(tf.zeros([len(gradients)]))
    optimizer.apply_gradients([(tf.constant(gradients), variable)])
    return {**options, "gradients": gradients, "pythonSteps": [float(number(step)) for step in variable.numpy()]}


CASES = {
    "ties": ([1], lambda: [first_mask([[2, -2], [2, 2]], 0.5), first_mask([[1, 3], [-3, 2], [3, 0]], 0.5)]),
    "sparser than its target": ([1], lambda: [first_mask([[5, 0], [0, 0]], 0.5), first_mask([[0, 0], [0, 0]], 0.5)]),
    "frequency does not divide the ramp": ([2], polynomial_that_misses),
    "a ramp of no length": ([3], polynomial_without_length),
    "the guard fires once": ([5], guard_fires_once),
    "negative zeros": ([6], stripped_zeros),
    "stripped after a bare step": ([6], stripped_after_a_bare_step),
    "m:n ignores its schedule": ([8], m_by_n_ignores_the_schedule),
    "blocks do not divide the shape": (
        [9],
        lambda: [
            first_mask(
                [[1, 1], [1, 1], [1, 1], [9, 9], [2, 2]], 0.5, {"blockSize": [4, 1], "blockPoolingType": "AVG"}
            )
        ],
    ),
    "refused": ([10, 11, 12], layers_refused),
    "a shared layer counts its uses": ([14], shared_layer_counts_uses),
    # No decision of this library: Keras and TensorFlow.js themselves differ.
    "epsilon of Adam": ([], adam_epsilon),
}

if __name__ == "__main__":
    facts = ",\n".join(f'"{name}":{{"rows":{compact(row)},"facts":{compact(make())}}}' for name, (row, make) in CASES.items())
    text = f'{{"madeBy":{compact(MADE_BY)},\n"cases":{{\n{facts}}}}}\n'
    json.loads(text)
    (FIXTURES / "differences.json").write_text(text)
    print(f"differences.json: {len(text):,} bytes")
