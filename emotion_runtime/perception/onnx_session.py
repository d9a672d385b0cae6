"""Owns how ONNX Runtime is found and set up: one quiet thread, little memory, for the sake of the game."""

from __future__ import annotations

import importlib.util
from importlib import metadata
from pathlib import Path
from typing import Any

from emotion_runtime.errors import MissingExtraError, ModelError
from emotion_runtime.perception.caches import cache_folder
from emotion_runtime.perception.providers import CPU, TENSORRT, Device, Placement, place

_CPU_REMEDY = 'pip install "emotion-runtime[cpu]"'


def installed_twice() -> str:
    """A notice when onnxruntime and onnxruntime-gpu are both installed (they overwrite each other's files), else ''."""
    versions = {}
    for name in ("onnxruntime", "onnxruntime-gpu"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            return ""
    both = " and ".join(f"{name} {version}" for name, version in versions.items())
    return f"{both} are both installed and overwrite each other: pip uninstall both, then {_CPU_REMEDY}"


def require_onnxruntime() -> None:
    """Raises MissingExtraError `missing_extra` when the package is not there; does not load it, so it costs nothing."""
    if importlib.util.find_spec("onnxruntime") is None:
        raise _missing()


def import_onnxruntime() -> Any:
    """The onnxruntime module. Raises MissingExtraError `missing_extra`, or `broken_extra` when it will not load."""
    try:
        import onnxruntime  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name == "onnxruntime":
            raise _missing() from error
        raise _will_not_load(error) from error
    except ImportError as error:
        raise _will_not_load(error) from error
    if not hasattr(onnxruntime, "InferenceSession"):
        # What is left when one of the two packages was uninstalled after the other: a folder without contents.
        raise _will_not_load("the module is empty")
    return onnxruntime


def _missing() -> MissingExtraError:
    return MissingExtraError("missing_extra", "onnxruntime is not installed, and text perception needs it", _CPU_REMEDY)


def _will_not_load(error: object) -> MissingExtraError:
    remedy = installed_twice() or f"pip uninstall onnxruntime onnxruntime-gpu, then {_CPU_REMEDY}"
    return MissingExtraError("broken_extra", f"onnxruntime is installed but cannot be loaded: {error}", remedy)


def placed(device: Device, *, fp16: bool = False) -> Placement:
    """Where networks would run here; TensorRT keeps its engines in the user's cache. Raises MissingExtraError."""
    available = tuple(import_onnxruntime().get_available_providers())
    engines = ""
    if device == "tensorrt" and TENSORRT in available:
        folder = cache_folder() / "engines"
        folder.mkdir(parents=True, exist_ok=True)
        engines = str(folder)
    return place(device, available, fp16=fp16, cache=engines)


def open_session(path: Path, placement: Placement | None = None) -> Any:
    """An `onnxruntime.InferenceSession` on one CPU thread, or on the GPU of `placement`.

    The memory arena and memory patterns are off: they keep the largest buffers ever needed, and inputs of changing
    length gain nothing from them. The file is opened by path, because the Python wrapper would keep bytes for ever.
    Raises MissingExtraError, and ModelError `model_refused` when ONNX Runtime does not accept the file.
    """
    runtime = import_onnxruntime()
    disable_telemetry = getattr(runtime, "disable_telemetry_events", None)
    if disable_telemetry is not None:
        disable_telemetry()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    providers = list(placement.providers) if placement is not None else [CPU]
    try:
        return runtime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's own exceptions share no base class but this one
        raise ModelError(
            "model_refused", f"{path}: ONNX Runtime refuses it: {_first_line(error)}", "export the model again"
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
