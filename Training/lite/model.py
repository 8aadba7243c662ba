# SPDX-License-Identifier: MIT
"""SCNet, the sparse compression network for music source separation.

Tong et al., "SCNet: Sparse Compression Network for Music Source Separation", ICASSP 2024
(arXiv 2401.13276). Parameter names follow the published checkpoints, so that those load here and
in the Swift engine. Three keyword arguments are this project's own:

- `window`: "rectangular" as published (torch.stft without a window), or "hann";
- `input_power`: the exponent that the magnitudes of the mixture are raised to, with their phase
  kept, before the network sees them; 1 as published. Music spans 60 dB, which a network that gives
  a mask has to take at one scale;
- `output`: "spectrogram" as published (the network gives each source's spectrogram), or "mask"
  (it gives complex masks, which multiply the mixture's spectrogram. Their real parts pass a softmax
  over the sources and their imaginary parts lose their mean over the sources, so that the masks sum
  to one and the stems to the mixture).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class ConvolutionModule(nn.Module):
    """Residual convolutions along time, one frequency row at a time: (rows, channels, frames)."""

    def __init__(self, channels, depth, compress, kernel):
        super().__init__()
        hidden = channels // compress
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.GroupNorm(1, channels),
                nn.Conv1d(channels, 2 * hidden, kernel, padding=kernel // 2),
                nn.GLU(1),
                nn.Conv1d(hidden, hidden, kernel, padding=kernel // 2, groups=hidden),
                nn.GroupNorm(1, hidden),
                nn.SiLU(),
                nn.Conv1d(hidden, channels, 1),
            )
            for _ in range(depth)
        )

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return x


class Bands:
    """Where the low, mid and high band begin and end, and how each is sampled."""

    def __init__(self, ratios, strides, kernels):
        self.ratios, self.strides, self.kernels = ratios, strides, kernels

    def split(self, bins):
        low = math.ceil(bins * self.ratios[0])
        mid = math.ceil(bins * (self.ratios[0] + self.ratios[1]))
        return [(0, low), (low, mid), (mid, bins)]


class SparseDownsampling(nn.Module):
    def __init__(self, inputs, outputs, bands):
        super().__init__()
        self.bands = bands
        self.convs = nn.ModuleList(
            nn.Conv2d(inputs, outputs, (kernel, 1), (stride, 1))
            for kernel, stride in zip(bands.kernels, bands.strides)
        )

    def forward(self, x):
        """(batch, channels, bins, frames) to one tensor a band, and each band's bins before."""
        outputs, lengths = [], []
        for convolution, stride, kernel, (start, end) in zip(
            self.convs, self.bands.strides, self.bands.kernels, self.bands.split(x.shape[2])
        ):
            length = end - start
            total = kernel - 1 if stride == 1 else -length % stride
            band = F.pad(x[:, :, start:end], (0, 0, total // 2, total - total // 2))
            outputs.append(convolution(band))
            lengths.append(length)
        return outputs, lengths


class EncoderBlock(nn.Module):
    def __init__(self, inputs, outputs, bands, depths, compress, kernel):
        super().__init__()
        self.SDlayer = SparseDownsampling(inputs, outputs, bands)
        self.conv_modules = nn.ModuleList(
            ConvolutionModule(outputs, depth, compress, kernel) for depth in depths
        )
        self.globalconv = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x):
        bands, lengths_before = self.SDlayer(x)
        refined = []
        for module, band in zip(self.conv_modules, bands):
            batch, channels, bins, frames = band.shape
            rows = band.transpose(1, 2).reshape(batch * bins, channels, frames)
            rows = module(rows).view(batch, bins, channels, frames)
            refined.append(F.gelu(rows.transpose(1, 2)))
        skip = torch.cat(refined, dim=2)
        return self.globalconv(skip), skip, [band.shape[2] for band in refined], lengths_before


class FusionLayer(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(2 * channels, 2 * channels, 3, padding=1)

    def forward(self, x, skip):
        # The published layer repeats its input twice along the channels: the two halves of the
        # weight see the same signal, so their sum does the same work in half the time.
        half = self.conv.in_channels // 2
        weight = self.conv.weight[:, :half] + self.conv.weight[:, half:]
        return F.glu(F.conv2d(x + skip, weight, self.conv.bias, padding=1), dim=1)


class SparseUpsampling(nn.Module):
    def __init__(self, inputs, outputs, bands):
        super().__init__()
        self.convtrs = nn.ModuleList(
            nn.ConvTranspose2d(inputs, outputs, (kernel, 1), (stride, 1))
            for kernel, stride in zip(bands.kernels, bands.strides)
        )

    def forward(self, x, lengths, lengths_before):
        outputs, start = [], 0
        for convolution, length, before in zip(self.convtrs, lengths, lengths_before):
            band = convolution(x[:, :, start : start + length])
            trim = abs(before - band.shape[2]) // 2
            outputs.append(band[:, :, trim : trim + before])
            start += length
        return torch.cat(outputs, dim=2)


class DualPath(nn.Module):
    """One bidirectional LSTM along frequency, one along time, each normalised and residual."""

    def __init__(self, channels, expand):
        super().__init__()
        hidden = channels * expand
        self.lstm_layers = nn.ModuleList(
            nn.LSTM(channels, hidden, bidirectional=True, batch_first=True) for _ in range(2)
        )
        self.linear_layers = nn.ModuleList(nn.Linear(2 * hidden, channels) for _ in range(2))
        self.norm_layers = nn.ModuleList(nn.GroupNorm(1, channels) for _ in range(2))

    def forward(self, x):
        batch, channels, bins, frames = x.shape
        y = self.norm_layers[0](x).permute(0, 3, 2, 1).reshape(batch * frames, bins, channels)
        y = self.linear_layers[0](self.lstm_layers[0](y)[0])
        x = x + y.view(batch, frames, bins, channels).permute(0, 3, 2, 1)
        y = self.norm_layers[1](x).permute(0, 2, 3, 1).reshape(batch * bins, frames, channels)
        y = self.linear_layers[1](self.lstm_layers[1](y)[0])
        return x + y.view(batch, bins, frames, channels).permute(0, 3, 1, 2)


class SeparationNet(nn.Module):
    """Dual-path layers; every second one works on the Fourier transform along time."""

    def __init__(self, channels, expand, layers):
        super().__init__()
        self.dp_modules = nn.ModuleList(
            DualPath(channels * (2 if index % 2 else 1), expand) for index in range(layers)
        )

    def forward(self, x):
        for index, module in enumerate(self.dp_modules):
            x = module(x)
            if index % 2 == 0:
                spectrum = torch.fft.rfft(x, dim=3, norm="ortho")
                x = torch.cat([spectrum.real, spectrum.imag], dim=1)
            else:
                x = torch.fft.irfft(torch.complex(*x.chunk(2, dim=1)), dim=3, norm="ortho")
        return x


class SCNet(nn.Module):
    def __init__(
        self,
        sources=("drums", "bass", "other", "vocals"),
        audio_channels=2,
        dims=(4, 32, 64, 128),
        nfft=4096,
        hop_size=1024,
        win_size=4096,
        normalized=True,
        band_SR=(0.175, 0.392, 0.433),
        band_stride=(1, 4, 16),
        band_kernel=(3, 4, 16),
        conv_depths=(3, 2, 1),
        compress=4,
        conv_kernel=3,
        num_dplayer=6,
        expand=1,
        window="rectangular",
        input_power=1.0,
        output="spectrogram",
    ):
        super().__init__()
        self.kwargs = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.sources, self.audio_channels, self.dims = list(sources), audio_channels, dims
        self.hop, self.input_power, self.output = hop_size, input_power, output
        shape = torch.hann_window if window == "hann" else torch.ones
        self.register_buffer("window", shape(win_size), persistent=False)
        self.stft = dict(
            n_fft=nfft, hop_length=hop_size, win_length=win_size, center=True, normalized=normalized
        )
        bands = Bands(band_SR, band_stride, band_kernel)
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        for index, (inputs, outputs) in enumerate(zip(dims, dims[1:])):
            self.encoder.append(
                EncoderBlock(inputs, outputs, bands, conv_depths, compress, conv_kernel)
            )
            up = inputs if index else inputs * len(sources)
            self.decoder.insert(
                0, nn.ModuleList([FusionLayer(outputs), SparseUpsampling(outputs, up, bands)])
            )
        self.separation_net = SeparationNet(dims[-1], expand, num_dplayer)

    def spectrogram(self, audio):
        """(batch, channels, samples) to complex (batch, channels, bins, frames), frames even."""
        padding = self.hop - audio.shape[-1] % self.hop
        if (audio.shape[-1] + padding) // self.hop % 2 == 0:
            padding += self.hop
        audio = F.pad(audio, (0, padding))
        flat = torch.stft(
            audio.flatten(0, 1), **self.stft, window=self.window, return_complex=True
        )
        return flat.unflatten(0, audio.shape[:2]), padding

    def audio(self, spectrogram, padding):
        """Complex (..., bins, frames) to (..., samples)."""
        flat = torch.istft(spectrogram.flatten(0, -3), **self.stft, window=self.window)
        return flat.unflatten(0, spectrogram.shape[:-2])[..., :-padding]

    def estimate(self, mixture):
        """Complex (batch, channels, bins, frames) to (batch, sources, channels, bins, frames)."""
        batch, channels, bins, frames = mixture.shape
        x = torch.view_as_real(mixture).permute(0, 1, 4, 2, 3)  # (batch, channels, 2, bins, frames)
        if self.input_power != 1:
            power = x.square().sum(dim=2, keepdim=True)
            x = x * (power + 1e-12) ** ((self.input_power - 1) / 2)
        x = x.flatten(1, 2)
        mean = x.mean(dim=(1, 2, 3), keepdim=True)
        deviation = x.std(dim=(1, 2, 3), keepdim=True)
        x = (x - mean) / (1e-5 + deviation)
        saved = []
        for block in self.encoder:
            x, *rest = block(x)
            saved.append(rest)
        x = self.separation_net(x)
        for fusion, up in self.decoder:
            skip, lengths, lengths_before = saved.pop()
            x = up(fusion(x, skip), lengths, lengths_before)
        x = x.view(batch, len(self.sources), channels, 2, bins, frames)
        if self.output == "mask":
            x = torch.complex(
                x[:, :, :, 0].softmax(dim=1),
                x[:, :, :, 1] - x[:, :, :, 1].mean(dim=1, keepdim=True),
            )
            return x * mixture[:, None]
        x = x * deviation[..., None, None] + mean[..., None, None]
        return torch.complex(x[:, :, :, 0].contiguous(), x[:, :, :, 1].contiguous())

    def forward(self, audio):
        """(batch, channels, samples) to (batch, sources, channels, samples)."""
        mixture, padding = self.spectrogram(audio)
        return self.audio(self.estimate(mixture), padding)
