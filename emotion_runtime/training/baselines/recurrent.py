"""Owns the recurrent baselines over dialogues: bc-LSTM and DialogueRNN, as their papers describe them."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from emotion_runtime.training.baselines.dialogues import DialogueBatch, DialogueModel, side_by_side


class BcLstm(DialogueModel):
    """bc-LSTM (Poria et al. 2017): a bidirectional LSTM over the utterances of a dialogue, so it sees the future."""

    name = "bc-LSTM"
    sees_future = True

    def build(self, sizes: Mapping[str, int], classes: int) -> nn.Module:
        """An LSTM of 100 units each way, dropout, a dense layer."""
        return _BcLstm(sum(sizes.values()), classes)


class _BcLstm(nn.Module):
    def __init__(self, size: int, classes: int, hidden: int = 100) -> None:
        super().__init__()
        self.lstm = nn.LSTM(size, hidden, batch_first=True, bidirectional=True)
        self.dense = nn.Sequential(nn.Dropout(0.3), nn.Linear(2 * hidden, hidden), nn.ReLU(), nn.Dropout(0.3))
        self.classifier = nn.Linear(hidden, classes)

    def forward(self, batch: DialogueBatch) -> torch.Tensor:
        """(batch, T, classes)."""
        lengths = (batch.rows >= 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(side_by_side(batch), lengths, batch_first=True, enforce_sorted=False)
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.lstm(packed)[0], batch_first=True, total_length=batch.rows.shape[1]
        )
        logits: torch.Tensor = self.classifier(self.dense(states))
        return logits


class DialogueRnn(DialogueModel):
    """DialogueRNN (Majumder et al. 2019), the unidirectional form: global, party and emotion states; the past only."""

    name = "DialogueRNN"
    sees_future = False

    def build(self, sizes: Mapping[str, int], classes: int) -> nn.Module:
        """Three GRU cells of 100 units and attention over the global states so far."""
        return DialogueRnnNetwork(sum(sizes.values()), classes)


class DialogueRnnNetwork(nn.Module):
    """One step per utterance u of speaker q, with four states.

    g_t = GRU_g(g_{t-1}, [u; p_q]); c_t = sum of earlier g weighted by softmax(u W g); p_q = GRU_p(p_q, [u; c_t]);
    e_t = GRU_e(e_{t-1}, p_q); logits from e_t. Listeners keep
    their state, which the paper found as good as any update.
    """

    def __init__(self, size: int, classes: int, hidden: int = 100) -> None:
        super().__init__()
        self.hidden = hidden
        self.whole = nn.GRUCell(size + hidden, hidden)
        self.party = nn.GRUCell(size + hidden, hidden)
        self.emotion = nn.GRUCell(hidden, hidden)
        self.attend = nn.Linear(size, hidden, bias=False)
        self.dropout = nn.Dropout(0.3)
        self.classifier = nn.Sequential(
            nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.3), nn.Linear(hidden, classes)
        )

    def forward(self, batch: DialogueBatch) -> torch.Tensor:
        """(batch, T, classes)."""
        inputs = side_by_side(batch)
        count, steps, _ = inputs.shape
        everyone = int(batch.speakers.max()) + 1
        who = nn.functional.one_hot(batch.speakers, everyone).to(inputs.dtype)
        parties = inputs.new_zeros(count, everyone, self.hidden)
        whole = emotion = inputs.new_zeros(count, self.hidden)
        earlier: list[torch.Tensor] = []
        states = []
        for step in range(steps):
            said, speaker = inputs[:, step], who[:, step].unsqueeze(-1)
            own = (parties * speaker).sum(1)
            context = self._context(said, earlier)
            whole = self.whole(torch.cat((said, own), 1), whole)
            earlier.append(whole)
            changed = self.party(torch.cat((said, context), 1), own)
            parties = parties * (1.0 - speaker) + changed.unsqueeze(1) * speaker
            emotion = self.emotion(self.dropout(changed), emotion)
            states.append(emotion)
        logits: torch.Tensor = self.classifier(self.dropout(torch.stack(states, dim=1)))
        return logits

    def _context(self, said: torch.Tensor, earlier: list[torch.Tensor]) -> torch.Tensor:
        if not earlier:
            return said.new_zeros(said.shape[0], self.hidden)
        states = torch.stack(earlier, dim=1)
        weights = (states @ self.attend(said).unsqueeze(-1)).softmax(dim=1)
        return (weights * states).sum(1)
