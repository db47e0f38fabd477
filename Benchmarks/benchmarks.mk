# Timings. The Makefile includes this file. Further options go into ARGUMENTS: make bench ARGUMENTS="--quick".

.PHONY: benchmarks bench peers peers-engine peers-streams peers-terminator compare-kernels
ARGUMENTS :=
# What only has to compile may be built without optimization.
BENCHMARKS_CONFIGURATION := release
BUILD_BENCHMARKS = $(call notice_new_files,Benchmarks/Package.swift) && \
   swift build -c $(BENCHMARKS_CONFIGURATION) --package-path Benchmarks --scratch-path .build/benchmarks $(SWIFT_FLAGS)

benchmarks: setup
	@$(BUILD_BENCHMARKS)

# The engine against the bare transforms that it executes, what gates cost, rows in blocks, and streams; the results are in
# .build/bench.json.
bench: setup
	@$(BUILD_BENCHMARKS) --product Bench
	.build/benchmarks/release/Bench $(ARGUMENTS)

# The engine against PyTorch, JAX, MLX, SciPy, pyFFTW and ducc0, and as an operator of PyTorch; the results are in
# .build/peers.json. Without further options also streams and files against zita-convolver and SciPy: .build/peers-streams.json.
peers: setup
	@$(MAKE) --no-print-directory peers-engine
	@$(if $(filter-out --quick,$(ARGUMENTS)),:,$(MAKE) --no-print-directory peers-streams)

peers-engine: setup .build/peers-venv/installed
	.build/peers-venv/bin/pip install --quiet ./Python
	@$(BUILD_BENCHMARKS) --product Worker
	.build/peers-venv/bin/python Benchmarks/Peers/compare.py $(ARGUMENTS)

peers-streams: setup .build/peers-venv/installed .build/programs/ConvolveFile
	@$(BUILD_BENCHMARKS) --product Bench
	.build/peers-venv/bin/python Benchmarks/Peers/compare_streams.py $(ARGUMENTS)

# Training steps against a PyTorch model of the same network; the results are in .build/peers-terminator.json.
peers-terminator: setup .build/peers-venv/installed
	@$(BUILD_BENCHMARKS) --product NetworkWorker
	.build/peers-venv/bin/python Benchmarks/Peers/compare_networks.py $(ARGUMENTS)

# What the choice of kernels is worth on sequential MNIST (MNIST=FOLDER): 44 trainings, two or three hours on two processors. What is
# done is kept in .build/kernels.
compare-kernels: .build/programs/SequentialMNIST
	@Scripts/install-python
	python3 Benchmarks/Kernels/compare_kernels.py --mnist $(MNIST) $(ARGUMENTS)

# pip's own variables apply: PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu takes a PyTorch without CUDA.
.build/peers-venv/installed: Benchmarks/Peers/requirements.txt
	@Scripts/install-python
	mkdir -p .build
	python3 -m venv .build/peers-venv
	.build/peers-venv/bin/pip install --quiet --requirement $<
	touch $@
