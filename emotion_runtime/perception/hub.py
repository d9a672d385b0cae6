"""Owns models that are no sealed folder yet: Hugging Face sequence classifiers, exported once and kept."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from emotion_runtime.errors import MissingExtraError, ModelError
from emotion_runtime.perception.caches import cache_folder
from emotion_runtime.perception.label_maps import mapped
from emotion_runtime.perception.manifest import LABELS, MANIFEST, MODEL, TOKENIZER, seal_model_folder

OPSET: Final = 17
MAX_TOKENS: Final = 128
_EXTRA: Final = 'pip install "emotion-runtime[export-hf]"'


def model_folder(
    name: str, *, labels: Mapping[str, str] | None = None, cache: Path | None = None, fp16: bool = False
) -> Path:
    """The sealed folder of a model: `name` itself when it holds manifest.json, else an export of it, made if need be.

    `name`: a folder, or a model of the hub (`owner/model`). `labels` says what the model's label names mean where the
    table does not. `fp16`: an export in half precision, for a GPU; a sealed folder stays as it is. Raises ModelError or
    MissingExtraError.
    """
    path = Path(name)
    if (path / MANIFEST).is_file():
        return path
    if path.is_dir() and not (path / "config.json").is_file():
        raise ModelError(
            "model_file_missing",
            f"{path}: has neither {MANIFEST} nor config.json",
            "seal it with `seal_model_folder`, or name a Hugging Face model",
        )
    if not path.is_dir() and (name.count("/") != 1 or name.startswith((".", "/"))):
        raise ModelError("model_file_missing", f"{name}: there is no such folder", "name one, or owner/model")
    root = cache or cache_folder() / "models"
    chosen = json.dumps(sorted((labels or {}).items()))
    mark = _fingerprint(path) if path.is_dir() else name
    target = root / hashlib.sha256(f"{mark}\n{chosen}\n{OPSET}\n{MAX_TOKENS}{' fp16' * fp16}".encode()).hexdigest()[:24]
    if not (target / MANIFEST).is_file():
        export(name, target, labels=labels, fp16=fp16)
    return target


def export(name: str, target: Path, *, labels: Mapping[str, str] | None = None, fp16: bool = False) -> None:
    """Writes the sealed folder `target` from a Hugging Face sequence classifier, all of it or nothing.

    Only safetensors weights are read, no pickles, and no code of the model's is run. Raises ModelError
    `unknown_labels`, `not_a_classifier`, `model_refused`, or MissingExtraError.
    """
    missing = [package for package in ("torch", "transformers", "onnx") if importlib.util.find_spec(package) is None]
    if missing:
        raise MissingExtraError(
            "missing_extra", f"{', '.join(missing)} is not installed, and exporting a model needs it", _EXTRA
        )
    network, tokenizer, config = _load(name)
    names = tuple(str(config.id2label[number]) for number in range(len(config.id2label)))
    meanings = mapped(names, labels)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="export-", dir=target.parent))
    try:
        _write(network, tokenizer, work)
        if fp16:
            _halve(work / MODEL)
        (work / LABELS).write_text(json.dumps(names), encoding="utf-8")
        limit = min(MAX_TOKENS, int(getattr(config, "max_position_embeddings", MAX_TOKENS)) - 2)
        seal_model_folder(
            work, name=name[-200:], max_tokens=limit, context_lines=0, max_batch=16, meanings=meanings, base=name
        )
        shutil.rmtree(target, ignore_errors=True)
        work.replace(target)
    except OSError as error:
        raise ModelError("model_refused", f"{target}: cannot be written ({error})", "free some space") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _load(name: str) -> tuple[Any, Any, Any]:
    import transformers  # noqa: PLC0415

    logging: Any = transformers.logging
    logging.set_verbosity_error()
    try:
        network = transformers.AutoModelForSequenceClassification.from_pretrained(
            name, use_safetensors=True, trust_remote_code=False, attn_implementation="eager"
        )
        tokenizer = transformers.AutoTokenizer.from_pretrained(name, use_fast=True, trust_remote_code=False)
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(
            "not_a_classifier",
            f"{name}: cannot be loaded as a sequence classifier ({str(error).splitlines()[0][:200]})",
            "name one with safetensors weights, as a folder or owner/model",
        ) from error
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise ModelError("broken_tokenizer", f"{name}: has no tokenizer.json", "name a model with a fast tokenizer")
    return network.eval(), tokenizer, network.config


def _write(network: Any, tokenizer: Any, folder: Path) -> None:
    import torch  # noqa: PLC0415

    takes_types = "token_type_ids" in tokenizer.model_input_names
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if takes_types else [])]

    class Logits(torch.nn.Module):  # type: ignore[misc, unused-ignore]
        """The classifier as a function of plain tensors."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *values: Any) -> Any:
            return self.network(**dict(zip(names, values, strict=True))).logits

    example = torch.ones((2, 8), dtype=torch.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns about every shape it reads
        torch.onnx.export(
            Logits().eval(),
            tuple(example * (name != "token_type_ids") for name in names),
            str(folder / MODEL),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={**{name: {0: "batch", 1: "length"} for name in names}, "logits": {0: "batch"}},
            opset_version=OPSET,
            dynamo=False,
        )
    tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))


def _halve(path: Path) -> None:
    """Weights and arithmetic in half precision; what goes in and comes out stays as it is."""
    import onnx  # noqa: PLC0415
    from onnxruntime.transformers.float16 import convert_float_to_float16  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it names every weight that is too small for half precision
        onnx.save(convert_float_to_float16(onnx.load(str(path)), keep_io_types=True), str(path))


def _fingerprint(folder: Path) -> str:
    """What a local model is told apart by: its files' names, sizes and times."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return "\n".join(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files)
