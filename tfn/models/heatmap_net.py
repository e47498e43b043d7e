"""The heatmap landmark head: four 3x3 convolutions, four 2x2 deconvolutions, 1x1 (T40)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from jfa_pipeline.core.ibug68 import POINTS


class HeatmapHead(nn.Module):
    """(N, C, 7, 7) fused features to (N, maps, 112, 112) logits; 68 maps, or 69 with background (A9)."""

    def __init__(
        self, channels: int, encode: Sequence[int], decode: Sequence[int], *, background: bool
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = channels
        for after in encode:
            layers += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU(inplace=True)]
            before = after
        for after in decode:
            layers += [nn.ConvTranspose2d(before, after, 2, stride=2), nn.ReLU(inplace=True)]
            before = after
        layers.append(nn.Conv2d(before, POINTS + int(background), 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, features: Tensor) -> Tensor:
        """Fused features in, logits per map and cell out."""
        out: Tensor = self.layers(features)
        return out
