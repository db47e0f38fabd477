# Every target installs what it needs before it begins.

# One set of flags for programs and tests, so that nothing is built twice.
BUILD := -c release -Xswiftc -enable-testing $(SWIFT_FLAGS)
SOURCES := Package.swift Sources Tests Examples Snippets Benchmarks

.PHONY: help setup demo train test test-golden sanitize format lint docs clean

help:
	@echo "make setup        installs the system libraries that are missing"
	@echo "make demo         trains and tests a network on handwritten digits (FORM=sequence or FORM=image)"
	@echo "make train        trains a benchmark (EXAMPLE=SequentialMNIST, ARGUMENTS=\"--data FOLDER\")"
	@echo "make reproduce-SequentialMNIST  trains with the program's defaults (DATA=FOLDER, SEED=1); so for each program"
	@echo "make test         builds and runs all tests"
	@echo "make test-golden  builds and runs the comparison with the golden tensors"
	@echo "make sanitize     runs the engine's and the tensors' tests under the thread and the address sanitizer"
	@echo "make bench        times the engine against the transforms that it executes"
	@echo "make peers        times the engine against PyTorch, JAX and SciPy"
	@echo "make peers-terminator  times training steps against PyTorch"
	@echo "make format       formats the sources in place"
	@echo "make lint         checks the sources' format"
	@echo "make docs         writes the documentation to .build/documentation/site"
	@echo "make drawings     draws the documentation's pictures (make check-drawings: compares them)"
	@echo "make clean        removes everything that was built"

setup:
	@Scripts/install-libraries

FORM := sequence
demo: setup
	rm -rf .build/demo
	swift run $(BUILD) Digits train --preset digits-$(FORM) --output .build/demo

EXAMPLE := SequentialMNIST
train: setup
	swift run $(BUILD) $(EXAMPLE) train $(ARGUMENTS)

# A program with its defaults: the runs behind the table of results. One that was stopped goes on with the same command.
REPRODUCED := Digits SequentialMNIST PermutedMNIST SequentialCIFAR10 CIFAR10 CIFAR100 STL10 AddingProblem CopyMemory
SEED := 1
.PHONY: $(addprefix reproduce-,$(REPRODUCED))
$(addprefix reproduce-,$(REPRODUCED)): reproduce-%: setup
	swift run $(BUILD) $* train $(if $(DATA),--data $(DATA)) --seed $(SEED) --output results/$*/seed-$(SEED) \
	   $(if $(wildcard results/$*/seed-$(SEED)/checkpoint.safetensors),--resume)

test: setup
	swift test $(BUILD)

test-golden: setup
	swift test $(BUILD) --filter GoldenTests

# Crashes that tests expect need no backtraces, and the death of a process frees nothing by itself.
SANITIZED := ConvolutionTests|TensorsTests
sanitize: setup
	SWIFT_BACKTRACE=enable=no swift test $(BUILD) --sanitize=thread --scratch-path .build/sanitize-thread \
	   --filter '$(SANITIZED)'
	SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 swift test $(BUILD) --sanitize=address \
	   --scratch-path .build/sanitize-address --filter '$(SANITIZED)'

format:
	swift format format --in-place --parallel --recursive $(SOURCES)

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

# The documentation compiler of the toolchain reads the symbol graphs that the Swift compiler writes when it compiles a
# module, and not otherwise: all of them stay with what was compiled, and those of the package's modules are taken.
DOCUMENTATION := .build/documentation
DOCUMENTED := Convolution Tensors Terminator Training DataFetching TensorBoard Reports ExampleSupport DataCommands
docs: setup
	mkdir -p $(DOCUMENTATION)/compiled/graphs
	for module in $(DOCUMENTED); do \
	   swift build --scratch-path $(DOCUMENTATION)/compiled --target $$module -Xswiftc -emit-symbol-graph \
	      -Xswiftc -emit-symbol-graph-dir -Xswiftc $(DOCUMENTATION)/compiled/graphs || exit; \
	done
	rm -rf $(DOCUMENTATION)/graphs && mkdir $(DOCUMENTATION)/graphs
	for module in $(DOCUMENTED); do \
	   cp $(DOCUMENTATION)/compiled/graphs/$$module[.@]* $(DOCUMENTATION)/graphs || exit; \
	done
	docc convert Docs/LongConvolution.docc --additional-symbol-graph-dir $(DOCUMENTATION)/graphs \
	   --fallback-display-name LongConvolution --output-path $(DOCUMENTATION)/site
	@echo "To read it: python3 -m http.server --directory $(DOCUMENTATION)/site, then /documentation/longconvolution"

# The documentation's drawings are made by scripts; the files are the same on every machine.
.PHONY: drawings check-drawings
drawings:
	Scripts/draw
check-drawings:
	Scripts/draw --check

clean:
	rm -rf .build

include Benchmarks/benchmarks.mk
