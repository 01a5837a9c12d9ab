"""Trains small models with the Python toolkit's prune_low_magnitude and writes what happened, step by step.

Each trace is a JSON file in test/fixtures/parity: the data, the initial weights, and for every optimizer the weights,
masks and thresholds after each of 12 training steps. See README.md for how to run it.
"""

import json
import sys

from common import *

BATCH_SIZE = 4
EPOCHS = 3
SAMPLES = 16  # 4 batches an epoch, 12 steps in all
# At every mask update the smallest kept and the largest dropped magnitude are at least this far apart, so that a
# replay within 1e-5 of these weights has no freedom in its masks.
SMALLEST_GAP = 5e-5

def per_use(spec):
    """The schedule that, counted once per use of a layer used twice a step, fires when `spec` does counted in steps."""
    end = spec["endStep"]
    return {
        **spec,
        "beginStep": 2 * spec["beginStep"] - 1,
        "endStep": end if end < 0 else 2 * end - 1,
        "frequency": 2 * spec["frequency"],
    }


# --- models: every option on which Keras and TensorFlow.js have different defaults is spelled out -------------------


def dense_model():
    return keras.Sequential(
        [
            layers.Dense(8, activation="relu", input_shape=(8,), name="hidden"),
            layers.Dense(3, activation="softmax", name="out"),
        ]
    )


def conv_model():
    return keras.Sequential(
        [
            layers.Conv2D(4, 3, padding="valid", activation="relu", input_shape=(6, 6, 2), name="conv"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(2, name="out"),
        ]
    )


def embedding_model():
    return keras.Sequential(
        [layers.Embedding(12, 5, input_length=4, name="embed"), layers.Flatten(), layers.Dense(2, name="out")]
    )


def lstm_model():
    return keras.Sequential(
        [
            layers.LSTM(4, activation="tanh", recurrent_activation="sigmoid", input_shape=(5, 3), name="lstm"),
            layers.Dense(2, name="out"),
        ]
    )


def shared_model():
    shared = layers.Dense(6, activation="tanh", name="shared")
    left, right = keras.Input((5,)), keras.Input((5,))
    out = layers.Dense(2, name="out")(layers.Concatenate()([shared(left), shared(right)]))
    return keras.Model([left, right], out)


def m_by_n_model():
    return keras.Sequential(
        [
            layers.Conv2D(3, 2, padding="valid", activation="tanh", input_shape=(4, 4, 5), name="conv"),
            layers.Flatten(),
            layers.Dense(1, name="out"),
        ]
    )


def block_1x2_model():
    return keras.Sequential(
        [layers.Dense(6, activation="tanh", input_shape=(8,), name="hidden"), layers.Dense(4, name="out")]
    )


def block_4x4_model():
    return keras.Sequential(
        [layers.Dense(8, activation="tanh", input_shape=(8,), name="hidden"), layers.Dense(8, name="out")]
    )


RAMP = polynomial(0.1, 0.75, 2, 10, 2)
LINEAR = polynomial(0.1, 0.75, 2, 10, 2, power=1)
STEADY = constant(0.5, 1, 10, 3)
LATE_RAMP = polynomial(0.0, 0.6, 0, 12, 3)
# A layer that is used twice a step cannot be given a schedule that begins at step 0 in the toolkit's counting.
LATE_RAMP_FROM_3 = polynomial(0.2, 0.6, 3, 12, 3)
AVG, MAX = {"blockPoolingType": "AVG"}, {"blockPoolingType": "MAX"}


def runs(rates, schedules=(RAMP, STEADY, LATE_RAMP), options=({}, {}, {})):
    makers = (("sgd", sgd), ("momentum", momentum), ("adam", adam))
    return [
        {"name": name, "optimizer": make(rate), "schedule": schedule, "options": option}
        for (name, make), rate, schedule, option in zip(makers, rates, schedules, options)
    ]


def block(size, *poolings):
    return tuple({"blockSize": list(size), **pooling} for pooling in poolings)


M_BY_N = {"sparsityMByN": [2, 4]}

SCENARIOS = [
    {
        "name": "dense",
        "model": dense_model,
        "inputs": [(8,)],
        "classes": 3,
        "runs": runs((0.8, 0.5, 0.08)),
    },
    {"name": "conv2d", "model": conv_model, "inputs": [(6, 6, 2)], "outputs": 2, "runs": runs((0.1, 0.03, 0.06))},
    {
        "name": "embedding",
        "model": embedding_model,
        "inputs": [(4,)],
        "vocabulary": 12,
        "outputs": 2,
        "runs": runs((0.9, 0.4, 0.08)),
    },
    {"name": "lstm", "model": lstm_model, "inputs": [(5, 3)], "outputs": 2, "runs": runs((0.9, 0.3, 0.08), (RAMP, LATE_RAMP, RAMP))},
    {
        "name": "shared",
        "model": shared_model,
        "inputs": [(5,), (5,)],
        "outputs": 2,
        "used_twice": "shared",
        "runs": runs((0.3, 0.25, 0.06), (RAMP, STEADY, LATE_RAMP_FROM_3)),
    },
    {
        "name": "m-by-n",
        "model": m_by_n_model,
        "inputs": [(4, 4, 5)],
        "outputs": 1,
        "runs": runs((0.1, 0.02, 0.03), (constant(0.5, 1, 1, 1),) * 3, (M_BY_N,) * 3),
    },
    {
        "name": "block-1x2",
        "model": block_1x2_model,
        "inputs": [(8,)],
        "outputs": 4,
        "runs": runs((0.6, 0.5, 0.08), (RAMP, STEADY, LATE_RAMP), block((1, 2), AVG, MAX, AVG)),
    },
    {
        "name": "block-4x4",
        "model": block_4x4_model,
        "inputs": [(8,)],
        "outputs": 8,
        "runs": runs((0.6, 0.3, 0.08), (LINEAR, LATE_RAMP, LINEAR), block((4, 4), AVG, AVG, MAX)),
    },
]


def data_of(scenario, random):
    inputs = []
    for shape in scenario["inputs"]:
        if "vocabulary" in scenario:
            inputs.append(random.integers(0, scenario["vocabulary"], (SAMPLES, *shape)).astype(np.float32))
        else:
            inputs.append(np.round(random.uniform(-1.5, 1.5, (SAMPLES, *shape)), 2).astype(np.float32))
    if "classes" in scenario:
        targets = np.eye(scenario["classes"], dtype=np.float32)[random.integers(0, scenario["classes"], SAMPLES)]
    else:
        targets = np.round(random.uniform(-1, 1, (SAMPLES, scenario["outputs"])), 2).astype(np.float32)
    return inputs, targets


class Recorder(keras.callbacks.Callback):
    """Keeps the state after every optimizer update, and after the last epoch's end."""

    def __init__(self):
        super().__init__()
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append(state_of(self.model))

    def on_train_end(self, logs=None):
        self.final = state_of(self.model)["weights"]


def train(scenario, run, inputs, targets, initial):
    keras.backend.clear_session()
    model = scenario["model"]()
    for layer in model.layers:
        if layer.weights:
            layer.set_weights([initial[weight_key(layer, weight)] for weight in layer.weights])
    twice = scenario.get("used_twice")
    wrapped = wrap(
        model,
        run["options"],
        lambda layer: per_use(run["schedule"]) if layer.name == twice else run["schedule"],
    )
    wrapped.compile(
        optimizer_of(run["optimizer"]), loss="categorical_crossentropy" if "classes" in scenario else "mse"
    )
    recorder = Recorder()
    wrapped.fit(
        inputs if len(inputs) > 1 else inputs[0],
        targets,
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
        callbacks=[sparsity.UpdatePruningStep(), recorder],
    )
    return recorder


def initial_weights(scenario, random):
    keras.backend.clear_session()
    initial = {}
    for layer in scenario["model"]().layers:
        for weight in layer.weights:
            scale = 0.2 if "bias" in weight.name else 0.6
            initial[weight_key(layer, weight)] = np.round(
                random.uniform(-scale, scale, weight.shape), 4
            ).astype(np.float32)
    return initial


def ranked_groups(array, options):
    """The magnitudes (or a mask) cut into the groups within which they compete: a tensor, its blocks, or its m:n groups."""
    magnitudes = np.abs(array)
    if "sparsityMByN" in options:
        n = options["sparsityMByN"][1]
        rows = np.moveaxis(magnitudes, -2, -1).reshape(-1, magnitudes.shape[-2])
        return [row[start : start + n] for row in rows for start in range(0, len(row), n)]
    if "blockSize" not in options:
        return [magnitudes.ravel()]
    height, width = options["blockSize"]
    blocks = magnitudes.reshape(array.shape[0] // height, height, array.shape[1] // width, width)
    reduce = np.mean if options["blockPoolingType"] == "AVG" else np.max
    return [reduce(blocks, axis=(1, 3)).ravel()]


def smallest_gap(run, recorder, initial):
    """How far apart the last kept and the first dropped magnitude are, at the closest of all mask updates."""
    gap = np.inf
    before = initial
    schedule = schedule_of(run["schedule"])
    for index, step in enumerate(recorder.steps):
        if schedule(tf.constant(index + 1))[0]:
            for key, mask in step["masks"].items():
                groups = ranked_groups(before[key], run["options"]), ranked_groups(mask, run["options"])
                for magnitudes, kept in zip(*groups):
                    if not kept.all():
                        gap = min(gap, float(magnitudes[kept > 0].min() - magnitudes[kept == 0].max()))
        before = dict(step["weights"])
        if (index + 1) % (SAMPLES // BATCH_SIZE) == 0:  # the end of an epoch applies the masks
            for key, mask in step["masks"].items():
                before[key] = before[key] * mask
    return gap


def mask_changes(recorder):
    """How many times any mask changed, and how many single weights came back after having been dropped."""
    changes, regrown = 0, 0
    previous = None
    for step in recorder.steps:
        if previous is None:
            changes += int(any(not mask.all() for mask in step["masks"].values()))
        else:
            changes += int(any((step["masks"][key] != mask).any() for key, mask in previous.items()))
            regrown += sum(int(((mask == 0) & (step["masks"][key] == 1)).sum()) for key, mask in previous.items())
        previous = step["masks"]
    return changes, regrown


# --- writing --------------------------------------------------------------------------------------------------------


def state_text(state):
    return (
        f'{{"weights":{record(state["weights"], numbers)},\n"masks":{record(state["masks"], bits)},'
        f'"thresholds":{record(state["thresholds"], number)}}}'
    )


def trace_text(scenario, seed, inputs, targets, initial, recorders):
    run_texts = []
    for run, recorder in zip(scenario["runs"], recorders):
        steps = ",\n".join(state_text(step) for step in recorder.steps)
        run_texts.append(
            f'{{"name":"{run["name"]}","optimizer":{compact(run["optimizer"])},"schedule":{compact(run["schedule"])},'
            f'"options":{compact(run["options"])},\n"steps":[\n{steps}],\n"final":{record(recorder.final, numbers)}}}'
        )
    loss = "categoricalCrossentropy" if "classes" in scenario else "meanSquaredError"
    return (
        f'{{"name":"{scenario["name"]}","madeBy":{compact(MADE_BY)},"seed":{seed},"loss":"{loss}",'
        f'"batchSize":{BATCH_SIZE},"epochs":{EPOCHS},\n"inputs":[{",".join(tensor(array) for array in inputs)}],\n'
        f'"targets":{tensor(targets)},\n"initial":{record(initial, tensor)},\n"runs":[\n' + ",\n".join(run_texts) + "]}\n"
    )


def make_trace(scenario, folder):
    """Writes one trace with the first seed whose masks leave no doubt."""
    for seed in range(1, 50):
        random = np.random.default_rng(seed)
        inputs, targets = data_of(scenario, random)
        initial = initial_weights(scenario, random)
        recorders = []
        for run in scenario["runs"]:
            recorder = train(scenario, run, inputs, targets, initial)
            gap = smallest_gap(run, recorder, initial)
            if gap < SMALLEST_GAP:
                print(f"{scenario['name']}/{run['name']}: seed {seed} has a gap of {gap:.1e}, trying the next")
                break
            changes, regrown = mask_changes(recorder)
            print(f"{scenario['name']}/{run['name']}: gap {gap:.1e}, {changes} mask changes, {regrown} regrown")
            recorders.append(recorder)
        else:
            break
    else:
        raise SystemExit(f"{scenario['name']}: no seed leaves a gap of {SMALLEST_GAP}")
    text = trace_text(scenario, seed, inputs, targets, initial, recorders)
    json.loads(text)
    path = folder / f"{scenario['name']}.json"
    path.write_text(text)
    print(f"{path.name}: {len(text):,} bytes, seed {seed}")


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    for scenario in SCENARIOS:
        if len(sys.argv) == 1 or scenario["name"] in sys.argv[1:]:
            make_trace(scenario, FIXTURES)
