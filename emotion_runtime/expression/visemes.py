"""Owns the 15 visemes: which sounds look alike, how each looks in ARKit shapes, and what VRM can show of them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from emotion_runtime.expression.shapes import ARKIT, COLUMN, region, sides

VISEMES: Final = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou")
"""The set of Oculus LipSync and Khronos XR_META_face_tracking_visemes, in that order."""

NUMBER: Final = {name: number for number, name in enumerate(VISEMES)}

SHAPES: Final = {
    "sil": {},
    "PP": {"mouthPress": 0.4, "mouthRollLower": 0.25, "mouthRollUpper": 0.25},
    "FF": {"mouthRollLower": 0.5, "mouthUpperUp": 0.25, "jawOpen": 0.05},
    "TH": {"jawOpen": 0.14, "mouthLowerDown": 0.25, "mouthUpperUp": 0.1, "tongueOut": 0.25},
    "DD": {"jawOpen": 0.14, "mouthLowerDown": 0.25, "mouthUpperUp": 0.1},
    "kk": {"jawOpen": 0.18, "mouthLowerDown": 0.15},
    "CH": {"jawOpen": 0.1, "mouthFunnel": 0.5, "mouthUpperUp": 0.15},
    "SS": {"jawOpen": 0.06, "mouthStretch": 0.25, "mouthLowerDown": 0.25, "mouthUpperUp": 0.1},
    "nn": {"jawOpen": 0.14, "mouthLowerDown": 0.2},
    "RR": {"jawOpen": 0.12, "mouthFunnel": 0.3, "mouthPucker": 0.25},
    "aa": {"jawOpen": 0.5, "mouthLowerDown": 0.2, "mouthUpperUp": 0.1},
    "E": {"jawOpen": 0.33, "mouthStretch": 0.25, "mouthLowerDown": 0.25, "mouthUpperUp": 0.1},
    "ih": {"jawOpen": 0.2, "mouthSmile": 0.2, "mouthStretch": 0.2, "mouthLowerDown": 0.2},
    "oh": {"jawOpen": 0.36, "mouthFunnel": 0.45, "mouthPucker": 0.1},
    "ou": {"jawOpen": 0.16, "mouthPucker": 0.6, "mouthFunnel": 0.25},
}
"""Weights at the middle of a long, clear sound. Ours."""

CLOSURES: Final = {"PP": 1.0, "FF": 0.7}
"""Sounds that cannot be made unless the lips meet (or the lip meets the teeth), and how far that overrules the rest."""

TONGUE: Final = ("TH", "DD", "kk", "nn")
"""Sounds made by the tongue: their neighbours decide the lips."""

_GROUPS: Final = {
    "sil": "SIL SP PAU H# _",
    "PP": "P B M EM",
    "FF": "F V",
    "TH": "TH DH",
    "DD": "T D DX",
    "kk": "K G NG HH Q",
    "CH": "CH JH SH ZH",
    "SS": "S Z",
    "nn": "N L EN EL NX",
    "RR": "R ER AXR",
    "aa": "AA AH AX AY AW",
    "E": "EH AE EY",
    "ih": "IH IY IX Y",
    "oh": "AO OW OY",
    "ou": "UH UW UX W WH",
}
ARPABET: Final = {phone: viseme for viseme, phones in _GROUPS.items() for phone in phones.split()}
"""ARPAbet without stress digit -> viseme."""

GLIDES: Final = {
    "AY": ("aa", "ih"), "AW": ("aa", "ou"), "OY": ("oh", "ih"), "OW": ("oh", "ou"), "EY": ("E", "ih"),
}  # fmt: skip
"""Diphthongs change the lips: two visemes, the first for GLIDE_FIRST of the time."""
GLIDE_FIRST: Final = 0.6

_IPA: Final = {
    "PP": "p b m", "FF": "f v ɱ", "TH": "θ ð", "DD": "t d ɾ ʔ ɖ ʈ", "kk": "k g ɡ ŋ h x ɣ ç ɦ q",
    "CH": "ʃ ʒ tʃ dʒ ɕ ʑ", "SS": "s z ts dz", "nn": "n l ɫ ɲ ʎ ɬ", "RR": "r ɹ ɻ ʁ ʀ ɝ ɚ ɜ",
    "aa": "a ɑ ɐ ʌ ə ɒ ɵ", "E": "e ɛ æ ø œ", "ih": "i ɪ j ɨ ᵻ y ʏ", "oh": "o ɔ", "ou": "u ʊ w ʍ ɯ ʉ",
}  # fmt: skip
IPA: Final = {symbol: viseme for viseme, symbols in _IPA.items() for symbol in symbols.split()}
IPA_IGNORED: Final = "ˈˌːˑ.‿ ̩̯ʲʰ͡"
"""Stress, length and diacritics that do not change the lips."""

VRM_MOUTH: Final = {
    "aa": {"aa": 1.0}, "E": {"ee": 1.0}, "ih": {"ih": 1.0}, "oh": {"oh": 1.0}, "ou": {"ou": 1.0},
    "TH": {"ih": 0.3}, "DD": {"ih": 0.3}, "kk": {"aa": 0.3}, "nn": {"ih": 0.3}, "SS": {"ih": 0.4}, "CH": {"ou": 0.5},
    "RR": {"ou": 0.4},
}  # fmt: skip
"""Viseme -> VRM's five vowels. PP, FF and sil show none: with five vowels a closure can only be a shut mouth."""


def phone_visemes(phone: str) -> tuple[tuple[str, float], ...]:
    """The visemes of one phone with their parts of its time; ARPAbet (with or without stress) or IPA.

    An empty tuple for a sound that is not known.
    """
    bare = phone.strip().rstrip("012")
    if bare.upper() in GLIDES and bare.isascii() and bare.isupper():
        first, second = GLIDES[bare.upper()]
        return ((first, GLIDE_FIRST), (second, 1.0 - GLIDE_FIRST))
    if bare.isupper() and bare in ARPABET:
        return ((ARPABET[bare], 1.0),)
    return _ipa_visemes(phone)


def _ipa_visemes(phone: str) -> tuple[tuple[str, float], ...]:
    bare = "".join(letter for letter in phone.strip() if letter not in IPA_IGNORED)
    found: list[str] = []
    at = 0
    while at < len(bare):
        size = 2 if bare[at : at + 2] in IPA else 1
        viseme = IPA.get(bare[at : at + size])
        if viseme is not None and (not found or found[-1] != viseme):
            found.append(viseme)
        at += size
    if len(found) == 2:
        return ((found[0], GLIDE_FIRST), (found[1], 1.0 - GLIDE_FIRST))
    return tuple((viseme, 1.0 / len(found)) for viseme in found)


def shape_rows(jaw: float = 1.0, lip: float = 1.0) -> NDArray[np.float64]:
    """(15, 52) weights of each viseme. `jaw` and `lip` (0..2) scale jaw and lips; closures close at any `lip`."""
    rows = np.zeros((len(VISEMES), len(ARKIT)))
    for viseme, shapes in SHAPES.items():
        for name, weight in shapes.items():
            gain = jaw if region(sides(name)[0]) == "jaw" else 1.0 if viseme in CLOSURES else lip
            for each in sides(name):
                rows[NUMBER[viseme], COLUMN[each]] = min(1.0, weight * gain)
    return rows


def vrm_rows(vowels: tuple[str, ...] = ("aa", "ih", "ou", "ee", "oh")) -> NDArray[np.float64]:
    """(15, 5) VRM vowels of each viseme, columns as `vowels`."""
    rows = np.zeros((len(VISEMES), len(vowels)))
    for viseme, shares in VRM_MOUTH.items():
        for vowel, share in shares.items():
            rows[NUMBER[viseme], vowels.index(vowel)] = share
    return rows
