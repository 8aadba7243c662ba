// SPDX-License-Identifier: MIT
@_exported public import Audio
@_exported public import Separation
