"""Owns the list of slugs: the stable name of every fault, with its meaning in a line (see docs/scene-language.md)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

SLUGS: Final = MappingProxyType(
    {
        # the file
        "file-missing": "a scene file is not there, or cannot be read",
        "not-utf8": "a file is not UTF-8 text",
        "too-large": "a file, a scene or a tree is beyond a limit",
        "empty-file": "a file has no content",
        "not-yaml": "a file is not valid YAML",
        "one-document": "a file holds a second YAML document",
        "no-anchors": "YAML anchors, aliases and merge keys are not part of the language",
        "no-tags": "a value starts with `!`, which YAML takes for a tag",
        "comma-in-braces": "a comma inside { } cut a value in two",
        "duplicate-key": "a key is given twice in one map",
        "include-outside": "an included file is not in the main file's folder or below it",
        "include-cycle": "a file includes itself, perhaps by way of others",
        "not-in-include": "a key that belongs in the main file only",
        "face-file": "a recipe table, a transfer profile or a voice's profile does not have its form",
        # the shape
        "unknown-key": "there is no such key here",
        "missing-key": "a key that is needed is not there",
        "missing-value": "a key has no value",
        "wrong-shape": "a list, a map or a single value is needed, and something else is there",
        "tree-form": "a tree node does not have exactly one form word",
        "modifier": "a word after `with` is not a modifier",
        # values
        "not-a-quantity": "a number, perhaps with a unit, is needed",
        "wrong-unit": "a unit is missing, superfluous or of the wrong kind",
        "missing-sign": "a change has no + or -",
        "out-of-range": "a number is too small or too large",
        "variable-range": "a variable has no start value with a range",
        "not-a-word": "a value is not one of the words allowed here",
        "selector": "a bearer is not understood",
        # expressions
        "syntax": "an expression cannot be read",
        "too-long": "an expression has too many characters or parts",
        "too-deep": "an expression has too many brackets inside each other",
        "wrong-type": "a number stands where true or false is needed, or the other way round",
        "not-linear": "two changing values are multiplied, or one is divided by",
        "division-by-zero": "an expression divides by zero",
        "trigger-without-mood": "a character's trigger reads no emotion and no mood",
        # names
        "unknown-name": "a name is not defined anywhere",
        "bad-name": "a name is not spelled in small letters, digits and _",
        "name-reserved": "a word of the language is used as a name",
        "name-clash": "one name is given to two kinds of things",
        "defined-twice": "two files define the same name",
        "listed-twice": "a list names the same thing twice",
        "archetype-cycle": "an archetype is built on itself",
        "tree-recursion": "a tree holds itself, perhaps by way of others",
        "likes-ambiguous": "two tags of one character are liked differently, and neither is rarer",
        # meaning
        "object-cannot-feel": "an aim is on the emotions of an object",
        "sets-needs-object": "`sets` is used where the bearer is not one object by its name",
        "parallel-opposed": "behaviors of opposed orientation run side by side",
        "cannot-do": "a tree uses a rule that is not in the character's `can`",
        "rule-not-in-tree": "a character's own `can` lists a rule that its tree does not use",
        "rule-unused": "a rule of the main file is in nobody's `can`",
        "tree-unused": "a tree of the main file is run by nobody",
        "event-unused": "an event of the main file is in no appraisal row",
        "timeout-too-short": "a timeout is not longer than the action lasts",
        "allow-unused": "an `allow` silences a warning that does not occur",
    }
)

PROVED: Final = MappingProxyType(
    {
        "trigger-never-true": "no state makes a trigger or condition true",
        "trigger-always-true": "every state makes a trigger or condition true",
        "release-overlaps-trigger": "an action would start and stop in one tick",
        "same-trigger": "two branches of a selector are for the same states",
        "branch-shadowed": "a branch to its left is always chosen first",
        "trigger-unreachable": "nothing in the scene drives a character as far as a trigger asks",
        "step-cannot-follow": "the step before it takes away what this step needs",
        "aim-defeats-trigger": "an action lowers what keeps it running, so fast that it never ends well",
        "aim-flickers": "an action lowers what keeps it running, and has no `release`",
        "aim-feeds-trigger": "an action raises what triggers it, so that it never stops by itself",
        "rules-feed-each-other": "rules can set each other off in a circle",
        "rules-feed-for-ever": "a start was found from which rules keep each other going for ever",
        "contagion-never-dies": "a feeling that characters catch from each other keeps itself alive",
        "out-of-reach": "nobody can ever be near enough",
        "appraisal-shadowed": "the rows above it always fit first",
        "paper-trigger": "with --paper: a trigger reads something that is neither emotion nor mood",
        "undecided": "a question was too hard to be answered, so nothing is claimed",
    }
)
"""What the proofs of `emotion-runtime check` find (docs/checking.md)."""
