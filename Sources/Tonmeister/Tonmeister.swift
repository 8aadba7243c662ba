// SPDX-License-Identifier: MIT
@_exported public import Audio
@_exported public import AutoMix
@_exported public import MixCore
@_exported public import Mixdown
@_exported public import Separation
@_exported public import VocalPreparation
