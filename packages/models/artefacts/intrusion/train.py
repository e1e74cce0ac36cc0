"""Trains a small neural network on NSL-KDD flows and writes it as ONNX, with what the product needs beside it.

Only for whoever trains: the product needs no Python. Run from the project's root:

    python3 -m venv /path/to/env && /path/to/env/bin/pip install -r packages/models/artefacts/intrusion/requirements.txt
    /path/to/env/bin/python packages/models/artefacts/intrusion/train.py [--data ../shared/data/iot-intrusion/nsl-kdd] [--check]

--check trains and prints the figures but writes nothing.
"""

import argparse
import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).parent
SEED = 1
SYMBOLIC = [1, 2, 3]
CLASSES = ["normal", "attack"]


def read(folder):
    """Rows as 38 numbers and one 0/1 column a word, labels, kinds of attack, names of the columns."""
    names = [line.split(",")[0] for line in (folder / "Field Names.csv").read_text().split()]
    with gzip.open(folder / "KDDTrain+_20Percent.txt.gz", "rt") as file:
        cells = [line.strip().split(",") for line in file if line.strip()]
    numeric = [i for i in range(len(names)) if i not in SYMBOLIC]
    words = [(i, word) for i in SYMBOLIC for word in sorted({row[i] for row in cells})]
    rows = np.array(
        [[float(row[i]) for i in numeric] + [float(row[i] == word) for i, word in words] for row in cells]
    )
    features = [names[i] for i in numeric] + [f"{names[i]} {word}" for i, word in words]
    kinds = np.array([row[41] for row in cells])
    return rows, (kinds != "normal").astype(int), kinds, features


def network():
    return MLPClassifier(
        hidden_layer_sizes=(32,), alpha=0.01, max_iter=40, early_stopping=True, random_state=SEED
    )


class Model:
    """log(1 + x), standardised, then one hidden layer."""

    def fit(self, rows, labels):
        logs = np.log1p(rows)
        self.mean = logs.mean(axis=0)
        self.scale = np.where(logs.std(axis=0) > 0, logs.std(axis=0), 1)
        self.network = network().fit((logs - self.mean) / self.scale, labels)
        return self

    def chances(self, rows):
        # Beyond 8 deviations nothing was seen in training: no value may push further than that.
        z = np.clip((np.log1p(np.maximum(rows, 0)) - self.mean) / self.scale, -8, 8)
        return self.network.predict_proba(z)

    def onnx(self):
        """The same computation as an ONNX graph of standard operators in single precision."""
        (w1, w2), (b1, b2) = self.network.coefs_, self.network.intercepts_
        f32 = lambda x, name: numpy_helper.from_array(np.asarray(x, dtype=np.float32), name)
        # One output with a sigmoid becomes two with a softmax: the first class keeps 0.
        constants = [
            f32(0, "zero"), f32(1, "one"), f32(-8, "low"), f32(8, "high"),
            f32(self.mean, "mean"), f32(1 / self.scale, "per_scale"),
            f32(w1, "w1"), f32(b1, "b1"),
            f32(np.hstack([np.zeros_like(w2), w2]), "w2"), f32(np.hstack([[0], b2]), "b2"),
        ]
        node = helper.make_node
        nodes = [
            node("Max", ["features", "zero"], ["positive"]),
            node("Add", ["positive", "one"], ["more"]),
            node("Log", ["more"], ["logs"]),
            node("Sub", ["logs", "mean"], ["centred"]),
            node("Mul", ["centred", "per_scale"], ["scaled"]),
            node("Clip", ["scaled", "low", "high"], ["z"]),
            node("Gemm", ["z", "w1", "b1"], ["hidden"]),
            node("Relu", ["hidden"], ["active"]),
            node("Gemm", ["active", "w2", "b2"], ["margins"]),
            node("Softmax", ["margins"], ["chances"], axis=1),
        ]
        graph = helper.make_graph(
            nodes, "intrusion",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, len(self.mean)])],
            [helper.make_tensor_value_info("chances", TensorProto.FLOAT, [None, 2])],
            constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="trine")
        model.ir_version = 8
        onnx.checker.check_model(model)
        return model.SerializeToString()


def figures(rows, labels, kinds):
    """Five-fold cross-validation, and how much of each kind of attack is found that training never saw."""
    said = np.zeros(len(labels))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=SEED).split(rows, labels):
        said[test] = Model().fit(rows[train], labels[train]).chances(rows[test])[:, 1]
    print(f"cross-validation: accuracy {accuracy_score(labels, said > 0.5):.4f}, F1 {f1_score(labels, said > 0.5):.4f}")
    found = []
    counts = {kind: int((kinds == kind).sum()) for kind in sorted(set(kinds)) if kind != "normal"}
    for kind in [kind for kind, count in counts.items() if count >= 10]:
        hidden = kinds == kind
        share = (Model().fit(rows[~hidden], labels[~hidden]).chances(rows[hidden])[:, 1] > 0.5).mean()
        found.append(share)
        print(f"  {kind} never seen: {share:.3f} of {counts[kind]} found")
    print(f"mean over kinds: {np.mean(found):.3f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data/iot-intrusion/nsl-kdd"))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    rows, labels, kinds, features = read(options.data)
    figures(rows, labels, kinds)
    model = Model().fit(rows, labels)
    file = model.onnx()
    # Made-up rows, so that the file holds no data of the set: what this script says of them, the product must say too.
    # Rows that it is unsure of, for where it is sure any two computations agree.
    chance = np.random.default_rng(SEED)
    shape = (20_000, len(features))
    made_up = np.round(chance.uniform(0, 1, shape) * chance.choice([1, 10, 500], shape), 3) * (chance.random(shape) < 0.2)
    unsure = np.abs(model.chances(made_up)[:, 1] - 0.5) < 0.45
    made_up = made_up[unsure][:16]
    expected = model.chances(made_up)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (said,) = session.run(None, {"features": made_up.astype(np.float32)})
    print(f"ONNX differs from scikit-learn by at most {np.abs(said - expected).max():.2e}")
    if options.check:
        return
    (HERE / "intrusion.onnx").write_bytes(file)
    about = {"input": "features", "output": "chances", "classes": CLASSES, "features": features}
    (HERE / "intrusion.json").write_text(json.dumps(about, indent=1) + "\n")
    vectors = {"rows": made_up.tolist(), "chances": expected.tolist()}
    (HERE / "vectors.json").write_text(json.dumps(vectors) + "\n")
    print(f"{len(file)} bytes, SHA-256 {hashlib.sha256(file).hexdigest()}")


if __name__ == "__main__":
    main()
