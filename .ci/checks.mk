# What continuous integration checks, with what has to be done before what. Optimizing a whole module keeps one processor
# busy, so that two targets at once take little more than half the time of one after the other.
override BENCHMARKS_CONFIGURATION := debug
# Of the instruction sets only one: those that are tested beside each other are in the library's tests.
override SETS := avx2
# The tests' build has all modules already.
override DOCUMENTED_BUILD := .build/tests/release
include Makefile

.PHONY: checks check-release quick-faults
# What takes longest, and what waits for it, comes first.
checks: lint check-drawings check-release test-library test-examples test-debug test-c replay-corpora test-transforms \
   test-python benchmarks quick-faults docs

check-release:
	Scripts/test-release

# A short run of injected faults, on the programs of the tests' build.
quick-faults:
	PROGRAMS=$$PWD/.build/tests/release Scripts/inject-faults --quick

# These use what others built, or install packages of the system like others.
check-drawings: | setup
$(IN_PYTHON): | setup check-drawings
test-examples: | test-library
test-transforms: | test-examples
test-python: | test-c
quick-faults: | test-examples test-python
docs: | test-examples
