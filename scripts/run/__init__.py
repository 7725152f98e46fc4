# SPDX-License-Identifier: MIT
"""The harness: roots, builds, guests, test runs and what their results mean."""
