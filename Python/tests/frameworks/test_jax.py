"""`longconv.jax.long_conv`: values, gradients, `jit`, `vmap` and `grad`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from options import calls, expected, keywords, name, operands

from longconv.jax import long_conv

jax.config.update("jax_enable_x64", True)
CALLS = calls()
FEW = [call for call in CALLS if len(call["with"]) in (0, 4) or call["dims"] == 2 and not call["with"]]


def function(call: dict[str, Any], given: dict[str, Any]) -> Callable[..., jax.Array]:
    names = list(given)
    return lambda *arrays: long_conv(**dict(zip(names, arrays)), **keywords(call))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("call", CALLS, ids=name)
def test_values(rng: np.random.Generator, call: Any, dtype: str) -> None:
    given = operands(rng, call)
    arrays = [array.astype(dtype) for array in given.values()]
    tolerance = 200 * np.finfo(dtype).eps
    result = jax.jit(function(call, given))(*arrays)
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected(call, given), rtol=tolerance, atol=50 * tolerance)


@pytest.mark.parametrize("call", FEW, ids=name)
def test_check_grads(rng: np.random.Generator, call: Any) -> None:
    given = operands(rng, call)
    check_grads(function(call, given), tuple(given.values()), order=2, modes=["rev"])


def test_second_derivatives(rng: np.random.Generator) -> None:
    """A matrix of second derivatives is symmetric, under `jit` and `vmap` too; forward mode says that it is not there."""
    call = {"boundary": "causal", "dims": 1, "extents": (5,), "taps": (4,), "lag": 1, "per_sample": False,
            "with": ("reverse_kernel", "skip", "input_gate", "output_gate")}
    given = operands(rng, call, (1,), 2)
    order = tuple(range(len(given)))

    def loss(*arrays: Any) -> Any:
        return jnp.sin(function(call, given)(*arrays)).sum()

    blocks = jax.jit(jax.jacrev(jax.jacrev(loss, order), order))(*given.values())
    sizes = [array.size for array in given.values()]
    matrix = np.block([[np.reshape(block, (rows, columns)) for block, columns in zip(line, sizes)]
                       for line, rows in zip(blocks, sizes)])
    np.testing.assert_allclose(matrix, matrix.T, rtol=1e-11, atol=1e-11)
    with pytest.raises(TypeError, match="forward-mode"):
        jax.jvp(lambda u: long_conv(u, K), (X,), (X,))


@pytest.mark.parametrize("mapped", [("u",), ("k",), ("u", "k"), ("skip",), ("u", "input_gate"), ("k", "output_gate")])
@pytest.mark.parametrize("per_sample", [False, True])
def test_vmap(rng: np.random.Generator, per_sample: bool, mapped: tuple[str, ...]) -> None:
    call = {"boundary": "causal", "dims": 1, "extents": (20,), "taps": (20,), "lag": 0, "per_sample": per_sample,
            "with": ("skip", "input_gate", "output_gate", "reverse_kernel")}
    given = operands(rng, call)
    axes = tuple(1 if operand in mapped else None for operand in given)
    wide = [np.stack([array * n for n in (1, 2, 3)], 1) if operand in mapped else array for operand, array in given.items()]
    order = tuple(range(len(given)))

    def loss(*arrays: Any) -> Any:
        return jnp.sin(function(call, given)(*arrays)).sum()

    values = jax.jit(jax.vmap(function(call, given), axes))(*wide)
    batched = jax.jit(jax.vmap(jax.grad(loss, order), axes))(*wide)
    outer = jax.grad(lambda *arrays: jax.vmap(loss, axes)(*arrays).sum(), order)(*wide)
    for n in range(3):
        one = [array[:, n] if axis == 1 else array for array, axis in zip(wide, axes)]
        np.testing.assert_allclose(values[n], function(call, given)(*one), rtol=1e-12, atol=1e-12)
        for found, total, axis, wanted in zip(batched, outer, axes, jax.grad(loss, order)(*one)):
            np.testing.assert_allclose(found[n], wanted, rtol=1e-11, atol=1e-11)
            if axis == 1:
                np.testing.assert_allclose(total[:, n], wanted, rtol=1e-11, atol=1e-11)


def test_nested_vmap(rng: np.random.Generator) -> None:
    u, k = rng.standard_normal((2, 3, 4, 10)), rng.standard_normal((3, 10))
    found = jax.vmap(jax.vmap(lambda row, kernel: long_conv(row[:, None], kernel[None]), (0, 0)), (0, None))(u, k)
    for i in range(2):
        for j in range(3):
            np.testing.assert_allclose(found[i, j], long_conv(u[i, j][:, None], k[j][None]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("leading", [(3,), (2, 3), (2, 2, 3), (0, 3)])
def test_leading_axes(rng: np.random.Generator, leading: tuple[int, ...]) -> None:
    for k_leading in (leading[-1:], leading):
        u, k = rng.standard_normal((*leading, 15)), rng.standard_normal((*k_leading, 15))
        result = long_conv(u, k)
        rows, kernels = u.reshape(-1, 1, 15), np.broadcast_to(k, u.shape).reshape(-1, 1, 15)
        np.testing.assert_allclose(result.reshape(-1, 1, 15), long_conv(rows, kernels), rtol=1e-12, atol=1e-12)


def test_kernels_of_one_sample(rng: np.random.Generator) -> None:
    u, k, reverse = rng.standard_normal((2, 4, 3, 15)), rng.standard_normal((3, 15)), rng.standard_normal((3, 15))
    expected = long_conv(u, k, reverse_kernel=reverse)
    for axes in (1, 2):
        wide, wide_reverse = k[(None,) * axes], reverse[(None,) * axes]
        assert np.array_equal(long_conv(u, wide, reverse_kernel=wide_reverse), expected)
        assert jax.grad(lambda k: long_conv(u, k).sum())(wide).shape == wide.shape


def test_planes_are_centred_by_default(rng: np.random.Generator) -> None:
    u, k = rng.standard_normal((2, 3, 6, 5)), rng.standard_normal((3, 3, 3))
    assert np.array_equal(long_conv(u, k, dims=2), long_conv(u, k, dims=2, boundary="centred"))


def test_export_with_a_batch_of_any_size(rng: np.random.Generator) -> None:
    (batch,) = jax.export.symbolic_shape("batch")
    shapes = [jax.ShapeDtypeStruct(shape, np.float64) for shape in ((batch, 3, 16), (3, 16))]
    exported = jax.export.export(jax.jit(long_conv), disabled_checks=[
        jax.export.DisabledSafetyCheck.custom_call("longconv_jax_apply")])(*shapes)
    assert exported.out_avals[0].shape == (batch, 3, 16)


def test_many_calls_at_once(rng: np.random.Generator) -> None:
    """Calls that XLA may run beside each other."""
    kernels = rng.standard_normal((8, 3, 500)).astype(np.float32)
    u = rng.standard_normal((2, 3, 500)).astype(np.float32)
    together = jax.jit(lambda u: [long_conv(u, k) for k in kernels])(u)
    for found, k in zip(together, kernels):
        assert np.array_equal(found, long_conv(u, k))


X, K = np.ones((2, 3, 8), np.float32), np.ones((3, 8), np.float32)
REFUSED: dict[str, tuple[Callable[[], Any], Any, str]] = {
    "integers": (lambda: long_conv(X.astype(int), K), TypeError, "u: expected float32 or float64"),
    "two types": (lambda: long_conv(X, K.astype(float)), TypeError, "k: expected float32"),
    "no channels": (lambda: long_conv(X[0, 0], K), ValueError, r"u: expected \[..., C, L\]"),
    "fewer kernels": (lambda: long_conv(X, K[:2]), ValueError, "k: expected the leading axes"),
    "an empty signal": (lambda: long_conv(X[..., :0], K), ValueError, "from 1"),
    "a kernel too long": (lambda: long_conv(X, np.ones((3, 9), "f4"), boundary="valid"), ValueError, "not larger"),
    "an unknown boundary": (lambda: long_conv(X, K, boundary="same"), ValueError, "boundary"),  # type: ignore[arg-type]
    "causal planes": (lambda: long_conv(X[None], K[:, None], dims=2, boundary="causal"), ValueError, "one dimension"),
    "lag 2": (lambda: long_conv(X, K, reverse_kernel=K, lag=2), ValueError, "lag"),  # type: ignore[arg-type]
    "a reverse kernel of full": (lambda: long_conv(X, K, reverse_kernel=K, boundary="full"), ValueError, "causal"),
    "a skip of full": (lambda: long_conv(X, K, skip=K[:, 0], boundary="full"), ValueError, "skip"),
    "a gate of another shape": (lambda: long_conv(X, K, input_gate=X[:1]), ValueError, "input_gate"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call()


def test_refused_under_jit() -> None:
    with pytest.raises(ValueError, match="k: expected the leading axes"):
        jax.jit(long_conv)(X, K[:2])
