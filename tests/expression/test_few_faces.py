"""Few faces are spread in another way than many, to the same bytes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotion_runtime.affect.labels import LABELS
from emotion_runtime.affect.personality import channels
from emotion_runtime.expression.face import UNSEEN, Face
from emotion_runtime.expression.kernel import FEW_FACES, Kernel
from emotion_runtime.expression.recipe import default_recipes
from emotion_runtime.expression.shapes import ARKIT


@given(st.integers(1, FEW_FACES), st.integers(0, 2**32 - 1))
def test_few_faces_have_the_bytes_they_have_in_a_crowd(faces: int, seed: int) -> None:
    kernel = Kernel(default_recipes(), channels(LABELS))
    crowd = np.random.default_rng(seed).random((len(kernel.labels), FEW_FACES + 1), dtype=np.float32)
    many = np.empty((len(ARKIT), FEW_FACES + 1), dtype=np.float32)
    kernel.spread(crowd, many)
    few = np.empty((len(ARKIT), faces), dtype=np.float32)
    kernel.spread(np.ascontiguousarray(crowd[:, :faces]), few)
    assert (few == many[:, :faces]).all()


def test_a_face_follows_every_change_that_can_be_seen_and_no_other() -> None:
    calm = np.full((2, len(channels(LABELS))), 0.1)
    face = Face(channels(LABELS), calm)
    emotion = calm.copy()
    emotion[0, 3] = 0.8
    before = face.weights(emotion).copy()
    emotion[0, 3] -= UNSEEN / 2
    assert (face.weights(emotion) == before).all()
    emotion[0, 3] -= UNSEEN
    after = face.weights(emotion)
    assert (after != before).any()
    assert (after == Face(channels(LABELS), calm).weights(emotion)).all()
