"""Owns the paper's multimodal sequence network (eqs 5-13): text, visual and acoustic sequences to one emotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from emotion_runtime.training.baselines.interface import Standardiser
from emotion_runtime.training.networks.enhancement import close_gaps, enhance, reorganise
from emotion_runtime.training.networks.gru import PaperGru, uniform_

MODALITIES: Final = ("text", "visual", "acoustic")
"""In the order in which the paper lines them up at each time step."""


@dataclass(frozen=True, slots=True)
class MultimodalOptions:
    """Sizes, and what an ablation leaves out.

    `features`: modality -> numbers per time step; modalities that are not named do not exist for this network.
    Without `reorganisation` the modalities of one step are joined side by side ("feature vector cascade").
    """

    features: Mapping[str, int]
    hidden: int = 128
    width: int = 100
    fused: int = 128
    classes: int = 7
    dropout: float = 0.3
    enhancement: bool = True
    reorganisation: bool = True


class MultimodalNetwork(nn.Module):
    """One GRU and projection per modality (5, 6), enhancement (7-9), reorganisation and enhancement (10-12), GRU (13).

    Any subset of the modalities may be missing from a row: its mask is then False at every step. A row of which
    nothing is there gets the classifier's bias.
    """

    def __init__(self, options: MultimodalOptions) -> None:
        super().__init__()
        unknown = sorted(set(options.features) - set(MODALITIES))
        if unknown or not options.features:
            raise ValueError(f"modalities {unknown or 'none'}: known are {', '.join(MODALITIES)}")
        self.options = options
        self.names = tuple(name for name in MODALITIES if name in options.features)
        self.recurrent = nn.ModuleDict({name: PaperGru(options.features[name], options.hidden) for name in self.names})
        self.project = nn.ModuleDict({name: uniform_(nn.Linear(options.hidden, options.width)) for name in self.names})
        joined = options.width if options.reorganisation else options.width * len(self.names)
        self.fusion = PaperGru(joined, options.fused)
        self.dropout = nn.Dropout(options.dropout)
        self.classifier = uniform_(nn.Linear(options.fused, options.classes))

    def forward(self, sequences: Mapping[str, torch.Tensor], masks: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Modality -> (batch, T, features) and (batch, T) True where present; gives (batch, classes) logits."""
        logits: torch.Tensor = self.classifier(self.dropout(self.represent(sequences, masks)))
        return logits

    def represent(self, sequences: Mapping[str, torch.Tensor], masks: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The state after the last thing that is there, (batch, fused): the paper's h_f^T (eq. 13)."""
        held = [masks[name] for name in self.names]
        enhanced = [self.unimodal(name, sequences[name], masks[name]) for name in self.names]
        if self.options.reorganisation:
            joined, mask = reorganise(enhanced, held)
        else:
            joined, mask = torch.cat(enhanced, dim=2), torch.stack(held).any(dim=0)
        if self.options.enhancement:
            joined = enhance(joined, mask)
        moved, count = close_gaps(joined, mask)
        states = self.fusion(moved)
        last = (count - 1).clamp(min=0).view(-1, 1, 1).expand(-1, 1, states.shape[2])
        return states.gather(1, last).squeeze(1) * (count > 0).to(states.dtype).unsqueeze(1)

    def unimodal(self, name: str, sequence: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """S of one modality, (batch, T, width): equations 5 and 6, then 7 to 9. Absent steps are 0."""
        here = mask.unsqueeze(-1).to(sequence.dtype)
        inner = self.project[name](self.dropout(self.recurrent[name](sequence * here))) * here
        return enhance(inner, mask) if self.options.enhancement else inner


class ExportedMultimodal(nn.Module):
    """The network with plain tensors for inputs, as ONNX wants them: one sequence and one mask for each modality."""

    def __init__(self, network: MultimodalNetwork, scales: Mapping[str, Standardiser] | None = None) -> None:
        """`scales`: what each modality's numbers are standardised with; None: they are so already."""
        super().__init__()
        self.network = network
        kind = network.classifier.weight.dtype
        for name, each in (scales or {}).items():
            self.register_buffer(f"mean_{name}", torch.from_numpy(each.mean).to(kind))
            self.register_buffer(f"scale_{name}", torch.from_numpy(each.scale).to(kind))

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        """Sequences in the order of `network.names`, then their masks in the same order; (batch, classes) logits."""
        names = self.network.names
        sequences = {name: self._scaled(name, each) for name, each in zip(names, tensors[: len(names)], strict=True)}
        masks = dict(zip(names, tensors[len(names) :], strict=True))
        logits: torch.Tensor = self.network(sequences, masks)
        return logits

    def _scaled(self, name: str, sequence: torch.Tensor) -> torch.Tensor:
        mean = getattr(self, f"mean_{name}", None)
        return sequence if mean is None else (sequence - mean) / getattr(self, f"scale_{name}")
