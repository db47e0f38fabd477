# Every target installs what it needs before it begins.

# One set of flags for programs and tests, so that nothing is built twice.
BUILD := -c release -Xswiftc -enable-testing $(SWIFT_FLAGS)
SOURCES := Package.swift Sources Tests Examples Snippets

.PHONY: help setup demo test test-golden format lint docs clean

help:
	@echo "make setup        installs the system libraries that are missing"
	@echo "make demo         trains and tests a network on handwritten digits (FORM=sequence or FORM=image)"
	@echo "make test         builds and runs all tests"
	@echo "make test-golden  builds and runs the comparison with the golden tensors"
	@echo "make format       formats the sources in place"
	@echo "make lint         checks the sources' format"
	@echo "make docs         writes the documentation to .build/documentation/site"
	@echo "make clean        removes everything that was built"

setup:
	@Scripts/install-libraries

FORM := sequence
demo: setup
	swift run $(BUILD) Digits --form $(FORM) --output .build/demo

test: setup
	swift test $(BUILD)

test-golden: setup
	swift test $(BUILD) --filter GoldenTests

format:
	swift format format --in-place --parallel --recursive $(SOURCES)

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

GRAPHS := .build/documentation/graphs
docs: setup
	swift package dump-symbol-graph --minimum-access-level public --skip-synthesized-members
	rm -rf .build/documentation && mkdir -p $(GRAPHS)
	cp .build/*/symbolgraph/Convolution*.json .build/*/symbolgraph/Tensors*.json \
	   .build/*/symbolgraph/Terminator*.json .build/*/symbolgraph/Training*.json $(GRAPHS)
	docc convert Docs/LongConvolution.docc --additional-symbol-graph-dir $(GRAPHS) \
	   --fallback-display-name LongConvolution --output-path .build/documentation/site
	@echo "Open it with: python3 -m http.server --directory .build/documentation/site"

clean:
	rm -rf .build
