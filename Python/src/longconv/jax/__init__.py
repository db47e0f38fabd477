"""Long convolutions for JAX: under ``jit``, ``vmap`` and ``grad``, on the CPU.

>>> import jax, jax.numpy as jnp
>>> import longconv.jax
>>> u, k = jnp.ones((16, 64, 784)), jnp.full((64, 784), 0.25)
>>> round(jax.jit(longconv.jax.long_conv)(u, k)[0, 0, -1].item())
196
>>> jax.grad(lambda k: longconv.jax.long_conv(u, k).sum())(k).shape
(64, 784)
"""

from ._long_conv import long_conv

__all__ = ["long_conv"]
