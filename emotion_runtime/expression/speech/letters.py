"""Owns letter-to-sound rules for English: a readable guess for words that no dictionary has."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

V: Final = "[aeiouy]"
C: Final = "[bcdfghjklmnpqrstvwxz]"
END: Final = "$"

RULES: Final = tuple(
    (line.split("|", 1)[0], line.split("|", 1)[1].rpartition("|")[0], line.rpartition("|")[2])
    for line in r"""
|aa|AA
|ai(?=r)|EH
|ai|EY
|ay|EY
|augh|AO
|au|AO
|aw|AO
w|ar|AO R
|arr|EH R
|are$|EH R
|ar|AA R
|all|AO L
|al(?=[kmf])|AA
|a(?=ng?e$)|EY
|ange|EY N JH
|a(?=CVe?$)|EY
|a(?=C(e|ing|ed|es|er|y|ion|ious)$)|EY
|age$|IH JH
[qw]|a(?=[^xgk])|AA
C|a$|AH
^|a$|AH
|a|AE
|bb|B
m|b$|
|b|B
|ch(?=r)|K
|tch|CH
|ch|CH
|ck|K
|cc(?=[eiy])|K S
|cc|K
|ci(?=a|o)|SH
|c(?=[eiy])|S
|c|K
|dge?|JH
|dd|D
|d|D
|eigh|EY
|ea(?=d$|lth|th(er)?$|sure|nt|vy|ven)|EH
|ear(?=[ntl])|ER
|ear|IH R
|ea|IY
|eer|IH R
|ee|IY
|ei|IY
|eu|Y UW
|ew|UW
|ey$|IY
[td]|ed$|IH D
[pkfsxhc]|ed$|T
VC*|ed$|D
|er(?=V)|EH R
|er|ER
[sxzc]|es$|IH Z
VC+|e(?=s?$)|
VV|e(?=s?$)|
C|e$|IY
|e(?=C(e)$)|IY
|ely$|L IY
|ement|M AH N T
V.*|en$|AH N
V.*|el$|AH L
|e|EH
|ff|F
|f|F
|gh(?=t)|
^|gh|G
[ou]|gh$|F
|gh|
|gg|G
^|gn|N
|gn$|N
|g(?=e$|[ei][^tv])|JH
|gy|JH IY
|g|G
^|wh(?=o)|HH
|h(?=V)|HH
|h|
|igh|AY
|ign$|AY N
|ier|IY ER
|ie$|AY
|ied$|AY D
|ies$|AY Z
|ie|IY
|ind$|AY N D
|ild$|AY L D
|ir(?=V)|AY R
|ir|ER
|ion|Y AH N
|i(?=C(e|ing|ed|es|er)$)|AY
^|i(?=Cy$)|AY
|ing$|IH NG
|i$|IY
|i|IH
|j|JH
^|kn|N
|k|K
|ll|L
C|le$|AH L
|l|L
|mm|M
|m|M
|ng(?=$|[^aeiouyl])|NG
|ng|NG G
|n(?=k)|NG
|nn|N
|n|N
|oar|AO R
|oa|OW
|oi|OY
|oy|OY
|oor|AO R
|oo(?=k)|UH
|ood$|UH D
|oo|UW
|ould|UH D
|ought|AO T
|ough$|OW
|ous$|AH S
|our|AO R
|ou|AW
|own$|OW N
|ow$|OW
|ow|AW
w|or|ER
|ore$|AO R
|or|AO R
|old|OW L D
|oll$|OW L
|ost$|OW S T
|o(?=C(e|ing|ed|es|er)$)|OW
|on$|AH N
|o$|OW
|o(?=CV)|OW
|o|AA
|ph|F
|pp|P
^|ps|S
|p|P
|qu|K W
^|wr|R
|rr|R
|rh|R
|r|R
|sch|SH
|sh|SH
|sion|ZH AH N
|ssion|SH AH N
|sure$|ZH ER
V|se$|Z
|ss|S
V|s$|Z
[bdglmnrvw]|s$|Z
V|s(?=V)|Z
|sc(?=[eiy])|S
|s|S
|th$|TH
V|the(?=$|r)|DH
|th|TH
|tion|SH AH N
|ture|CH ER
|tt|T
|t|T
|ui|UW
|ur(?=V)|UH R
|ur|ER
|ue$|UW
[gq]|u(?=V)|
|u(?=C(e|ing|ed|es|er)$)|UW
|u|AH
|v|V
|wh|W
V|w$|
|w|W
^|x|Z
|x|K S
^|y|Y
C|ying$|AY IH NG
^C+|y$|AY
|y$|IY
C|y(?=C)|IH
|y|IY
|zz|Z
|z|Z
""".strip().splitlines()
)
"""left context | letters and what must follow | sounds. The first rule that fits is taken.

C and V stand for consonant and vowel letters, ^ and $ for the word's ends. Ours.
"""

VOWELS: Final = frozenset("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW".split())


@cache
def _compiled() -> tuple[tuple[re.Pattern[str] | None, re.Pattern[str], tuple[str, ...]], ...]:
    rules = []
    for left, pattern, phones in RULES:
        before = re.compile(f"(?:{_classes(left)})$") if left else None
        rules.append((before, re.compile(_classes(pattern)), tuple(phones.split())))
    return tuple(rules)


def _classes(pattern: str) -> str:
    return pattern.replace("C", C).replace("V", V)


def sounds(word: str) -> tuple[str, ...]:
    """ARPAbet of a word in lower case letters a-z, the first full vowel stressed; silent letters are skipped."""
    found: list[str] = []
    at = 0
    while at < len(word):
        for before, pattern, phones in _compiled():
            if before is not None and not before.search(word[:at]):
                continue
            match = pattern.match(word, at)
            if match and match.end() > at:
                found.extend(phones)
                at = match.end()
                break
        else:
            at += 1
    return _stressed(found)


def _stressed(phones: list[str]) -> tuple[str, ...]:
    vowels = [index for index, phone in enumerate(phones) if phone in VOWELS]
    full = [index for index in vowels if phones[index] != "AH"] or vowels
    main = full[0] if full else -1
    return tuple(f"{phone}{int(i == main)}" if phone in VOWELS else phone for i, phone in enumerate(phones))
