"""Runs .tflite files in the native interpreter of LiteRT, with its reference kernels and with XNNPACK.

python tools/parity/tflite.py FOLDER [RESULT.json]

FOLDER holds `files.json`, as `test/tflite/make-files.ts` writes it. Each file runs in a process of its own, because some
forms end the process. Prints what differs from TensorFlow.js by more than the file's tolerance; RESULT gets the largest
difference of every file.
"""

import json
import multiprocessing
import os
import sys
from importlib.metadata import version

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = {
    "plain": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    "xnnpack": OpResolverType.AUTO,
}


def difference(folder, row, kernels):
    """The largest difference from TensorFlow.js, relative to the range of what that gives."""
    path = os.path.join(folder, row["file"])
    interpreter = Interpreter(path, experimental_op_resolver_type=RESOLVERS[kernels], num_threads=1)
    interpreter.allocate_tensors()
    for detail, given in zip(interpreter.get_input_details(), row["inputs"]):
        values = np.array(given["values"], dtype=given["type"]).reshape(given["shape"])
        interpreter.set_tensor(detail["index"], values)
    interpreter.invoke()
    worst = 0.0
    for detail, want in zip(interpreter.get_output_details(), row["outputs"]):
        got = interpreter.get_tensor(detail["index"]).astype(np.float64).ravel()
        want = np.array(want, dtype=np.float64)
        span = max(want.max(initial=0) - want.min(initial=0), 1e-6)
        worst = max(worst, float(np.nan_to_num(np.abs(got - want).max() / span, nan=1e9)))
    return float(f"{worst:.2g}")


def in_child(queue, *job):
    queue.put(difference(*job))


def run(*job):
    """The difference, or None where the interpreter refuses the file or ends the process."""
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=in_child, args=(queue, *job))
    child.start()
    child.join()
    return None if queue.empty() else queue.get()


def main():
    folder, *result = sys.argv[1:]
    with open(os.path.join(folder, "files.json")) as file:
        rows = json.load(file)
    differences = {}
    for row in rows:
        differences[row["title"]] = {kernels: run(folder, row, kernels) for kernels in RESOLVERS}
        for kernels, worst in differences[row["title"]].items():
            if worst is None or worst > row["tolerance"]:
                print(row["title"], kernels, worst, flush=True)
    if result:
        with open(result[0], "w") as file:
            lines = [f" {json.dumps(title)}: {json.dumps(each)}" for title, each in differences.items()]
            file.write('{\n "interpreter": "ai-edge-litert %s",\n%s\n}\n' % (version("ai-edge-litert"), ",\n".join(lines)))
    print(len(rows), "files")


if __name__ == "__main__":
    main()
