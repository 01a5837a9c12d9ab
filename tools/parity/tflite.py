"""Runs .tflite files in the native interpreter of LiteRT, with its reference kernels and with XNNPACK.

python tools/parity/tflite.py FOLDER [RESULT.json]

FOLDER holds `files.json`, as `test/tflite/make-files.ts` writes it. Each file runs in a process of its own, because some
forms end the process. Prints what differs from TensorFlow.js by more than the file's tolerance; RESULT gets the largest
difference of every file.
"""

import json
import os
import subprocess
import sys

import numpy as np


def run_one(folder, index, kernels):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    row = json.load(open(os.path.join(folder, "files.json")))[index]
    resolver = (
        OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES if kernels == "plain" else OpResolverType.AUTO
    )
    interpreter = Interpreter(
        model_path=os.path.join(folder, row["file"]), experimental_op_resolver_type=resolver, num_threads=1
    )
    interpreter.allocate_tensors()
    for detail, given in zip(interpreter.get_input_details(), row["inputs"]):
        interpreter.set_tensor(
            detail["index"], np.array(given["values"], dtype=given["type"]).reshape(given["shape"])
        )
    interpreter.invoke()
    worst = 0.0
    for detail, want in zip(interpreter.get_output_details(), row["outputs"]):
        got = interpreter.get_tensor(detail["index"]).astype(np.float64).ravel()
        want = np.array(want, dtype=np.float64)
        span = max(want.max(initial=0) - want.min(initial=0), 1e-6)
        difference = np.abs(got - want).max() / span
        worst = max(worst, float(difference) if np.isfinite(difference) else 1e9)
    print(json.dumps(worst))


def main():
    folder, *rest = sys.argv[1:]
    rows = json.load(open(os.path.join(folder, "files.json")))
    results = {}
    for index, row in enumerate(rows):
        results[row["title"]] = {}
        for kernels in ("plain", "xnnpack"):
            done = subprocess.run(
                [sys.executable, __file__, "--one", folder, str(index), kernels], capture_output=True, text=True
            )
            worst = json.loads(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 else None
            results[row["title"]][kernels] = worst
            if worst is None or worst > row["tolerance"]:
                print(row["title"], kernels, worst, done.stderr.strip().splitlines()[-1:], flush=True)
    if rest:
        json.dump(results, open(rest[0], "w"), indent=1)
    print(len(rows), "files")


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        run_one(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main()
