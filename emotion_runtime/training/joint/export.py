"""Owns the way from a trained cross-modal network to the sealed folder that `serve --multimodal` reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Final

from emotion_runtime.perception.joint_folder import FILES_OF, FRONT_ENDS, JointManifest, seal_joint_folder
from emotion_runtime.perception.manifest import LABELS, MODEL
from emotion_runtime.training.joint.fit import Trained
from emotion_runtime.training.joint.front_ends import MAX_SECONDS, MAX_TOKENS
from emotion_runtime.training.networks.export import export_multimodal
from emotion_runtime.training.text.corpus import LABELS as LABEL_NAMES

FRONT: Final = "front-ends"
"""Folder of the front ends inside that of `train multimodal`."""


def export_joint(
    trained: Trained, work: Path, folder: Path, *, name: str, base: str = "", license: str = ""
) -> JointManifest:
    """Writes network (standardisation inside), front ends, labels and manifest into `folder`.

    The manifest's reliability is the accuracy on dev. Raises ModelError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    export_multimodal(trained.network, folder / MODEL, scales=trained.scales)
    (folder / LABELS).write_text(json.dumps(LABEL_NAMES), encoding="utf-8")
    sizes: dict[Any, int] = {each: trained.network.options.features[each] for each in trained.network.names}
    for modality in sizes:
        for file in FILES_OF[FRONT_ENDS[modality]]:
            shutil.copyfile(work / FRONT / file, folder / file)
    return seal_joint_folder(
        folder,
        name=name,
        sizes=sizes,
        steps=trained.steps,
        reliability=trained.accuracy,
        temperature=trained.temperature,
        max_tokens=MAX_TOKENS,
        max_seconds=MAX_SECONDS,
        base=base,
        license=license,
    )
