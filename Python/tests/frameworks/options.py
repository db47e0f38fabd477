"""Every kind of call of `long_conv`: shapes and options, for PyTorch's tests and JAX's."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Boundary, dims, u's extents, k's extents.
SHAPES = [
    ("causal", 1, (12,), (12,)), ("causal", 1, (12,), (5,)), ("causal", 1, (7,), (11,)), ("causal", 1, (40,), (40,)),
    ("centred", 1, (12,), (6,)), ("circular", 1, (12,), (12,)), ("full", 1, (9,), (9,)), ("valid", 1, (12,), (5,)),
    ("centred", 2, (5, 4), (3, 4)), ("circular", 2, (5, 4), (5, 4)), ("full", 2, (3, 4), (3, 2)), ("valid", 2, (5, 4), (2, 4)),
]


def calls() -> list[dict[str, Any]]:
    """The options of each call; `with` names the operands besides u and k."""
    found = []
    for boundary, dims, extents, taps in SHAPES:
        extras: list[tuple[str, ...]] = [(), ("input_gate",), ("output_gate",), ("input_gate", "output_gate")]
        if boundary not in ("full", "valid"):
            extras += [("skip",), ("skip", "input_gate", "output_gate")]
        if boundary == "causal":
            extras += [("reverse_kernel",), ("reverse_kernel", "skip", "input_gate", "output_gate")]
        for extra in extras:
            for lag in (0, 1) if "reverse_kernel" in extra else (1,):
                for per_sample in (False, True):
                    found.append({"boundary": boundary, "dims": dims, "extents": extents, "taps": taps, "with": extra,
                                  "lag": lag, "per_sample": per_sample})
    return found


def name(call: dict[str, Any]) -> str:
    """The call in an identifier of a test."""
    shape = "x".join(map(str, call["extents"])) + "-" + "x".join(map(str, call["taps"]))
    return "-".join([call["boundary"], shape, "+".join(call["with"]) or "plain", f"lag{call['lag']}",
                     "per_sample" if call["per_sample"] else "shared"])


def shapes(call: dict[str, Any], batch: tuple[int, ...] = (2,), channels: int = 3) -> dict[str, tuple[int, ...]]:
    """The shape of each operand of a call."""
    change = {"full": 1, "valid": -1}.get(call["boundary"], 0)
    outputs = tuple(x + change * (k - 1) for x, k in zip(call["extents"], call["taps"]))
    rows = (*batch, channels)
    kernel = (*(rows if call["per_sample"] else rows[-1:]), *call["taps"])
    every = {"u": (*rows, *call["extents"]), "k": kernel, "reverse_kernel": kernel, "input_gate": (*rows, *call["extents"]),
             "output_gate": (*rows, *outputs), "skip": (channels,)}
    return {operand: shape for operand, shape in every.items() if operand in ("u", "k") or operand in call["with"]}


def operands(rng: np.random.Generator, call: dict[str, Any], *arguments: Any) -> dict[str, Any]:
    """Random operands of a call, float64."""
    return {operand: rng.standard_normal(shape) for operand, shape in shapes(call, *arguments).items()}


def expected(call: dict[str, Any], given: dict[str, Any]) -> Any:
    """The definition: y = output_gate (k * v + reverse + skip v), v = input_gate u."""
    from reference import rows

    v = given["u"] * given.get("input_gate", 1.0)
    dims = call["dims"]
    y = rows(v, given["k"], dims, call["boundary"])
    if "reverse_kernel" in given:
        # Σ_s r[s] v[t + s + lag] is the causal convolution of the reversed row, `lag` later, reversed.
        backward = rows(v[..., ::-1], given["reverse_kernel"], 1, "causal")[..., ::-1]
        y = y + (backward if call["lag"] == 0 else np.concatenate([backward[..., 1:], 0 * backward[..., :1]], -1))
    if "skip" in given:
        y = y + given["skip"].reshape(-1, *[1] * dims) * v
    return (y * given.get("output_gate", 1.0)).astype(np.float64)


def keywords(call: dict[str, Any]) -> dict[str, Any]:
    """The options of `long_conv` that are no arrays."""
    return {"boundary": call["boundary"], "dims": call["dims"], "lag": call["lag"]}
