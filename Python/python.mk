# The Python package. The Makefile includes this file. PYTHON is the interpreter, from version 3.10, of the environment.

.PHONY: python test-python test-python-frameworks
PYTHON := python3
PYTHON_ENVIRONMENT := .build/python-venv
IN_PYTHON := $(PYTHON_ENVIRONMENT)/bin/python
PYTHON_TESTS := cd Python && ../$(IN_PYTHON) -m pytest --quiet

# The package is installed, not used from its folder: what is tested is what a wheel has. Building it takes seconds if
# the library is built.
python: setup $(IN_PYTHON)
	$(IN_PYTHON) -m pip install --quiet --disable-pip-version-check ./Python

$(IN_PYTHON):
	@Scripts/install-python $(PYTHON)
	$(PYTHON) -m venv $(PYTHON_ENVIRONMENT)

$(PYTHON_ENVIRONMENT)/%: Python/tests/%.txt $(IN_PYTHON)
	$(IN_PYTHON) -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Ours with the code in docstrings and guides, SciPy's with our functions in the place of its own, and the types.
test-python: python $(PYTHON_ENVIRONMENT)/requirements
	$(PYTHON_TESTS) --ignore=tests/frameworks $(PYTHON_TEST_FLAGS)
	Python/tests/scipy_suite/run $(IN_PYTHON)
	cd Python && ../$(IN_PYTHON) -m mypy --exclude "longconv/(torch|jax)/" src/longconv build_library.py

# With PyTorch and JAX, which are large. PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes a PyTorch without
# CUDA.
test-python-frameworks: python $(PYTHON_ENVIRONMENT)/requirements $(PYTHON_ENVIRONMENT)/requirements-frameworks
	$(PYTHON_TESTS) tests/frameworks $(PYTHON_TEST_FLAGS)
	cd Python && ../$(IN_PYTHON) -m mypy src/longconv examples
