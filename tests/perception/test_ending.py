"""A process that ends while a model holds a thread ends with its own exit code, and with all it had printed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, threading
import numpy as np
import onnxruntime
from pathlib import Path
from emotion_runtime.cli.ending import leave
from emotion_runtime.perception import PerceptionService, TextJob

class Endless:
    # hangs inside ONNX Runtime: in and out of it, so that the interpreter's end meets it there
    labels = ("calm",)

    def __init__(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        data = Path(sys.argv[1]).read_bytes()
        self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def classify(self, text, context=()):
        given = {"input_ids": np.ones((1, 4), np.int64), "attention_mask": np.ones((1, 4), np.int64),
                 "token_type_ids": np.zeros((1, 4), np.int64)}
        names = {each.name for each in self.session.get_inputs()}
        given = {name: value for name, value in given.items() if name in names}
        reached.set()
        while True:
            self.session.run(None, given)

reached = threading.Event()
service = PerceptionService(Endless)
service.submit(TextJob(1, "a line"))
reached.wait(30)
service.close(timeout=0.1)
sys.stdout.write("all of it")
"""


@pytest.mark.parametrize(("end", "code"), [("leave(3)", 3), ("leave(0)", 0)])
def test_a_command_ends_in_order_though_a_model_hangs(folder: Path, end: str, code: int) -> None:
    pytest.importorskip("onnxruntime")
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM + end, str(folder / "model.onnx")],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (code, "all of it", "")


def test_a_service_nobody_closed_is_closed_at_the_end() -> None:
    program = (
        "from emotion_runtime.perception import PerceptionService, TextJob, load_text_model\n"
        "service = PerceptionService(load_text_model)\n"
        "[service.submit(TextJob(at, f'line {at}')) for at in range(500)]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
