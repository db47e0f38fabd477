# Every target installs what it needs before it begins.

# What is built with other flags is built into a folder of its own, so that no target makes another compile again:
#   Examples/.build       the programs, as `swift run -c release NAME` in Examples builds them
#   .build/tests          the tests, the library's and those of the programs
#   .build/tests-debug    the engine's and the tensors' tests with assertions and checks for overflow
#   .build/sanitize-*     the library's tests and a program under the sanitizers
#   .build/c-library      the engine for C, from .build/c-library-build
#   .build/fuzzing        the fuzzers;  .build/faults  the injection of faults
#   .build/benchmarks     the benchmarks
#   .build/python-venv    a virtual environment with the Python package
# SWIFT_FLAGS are further flags for all of them, TEST_FLAGS such for tests, as in make test TEST_FLAGS="--filter Golden".
BUILD_PROGRAMS := swift build --package-path Examples -c release $(SWIFT_FLAGS)
# SwiftPM's own -enable-testing is for modules of the tested package alone. The flag for all of them instead compiles the
# library's modules alike for its own tests and for those of the programs, so that both share a folder and what is in it.
TESTABLE := -c release -Xswiftc -enable-testing $(SWIFT_FLAGS)
# Planned anew each time: the plan of an earlier build, if SwiftPM thinks it up to date, may be that of the other package, whose
# tests would run instead.
RUN_TESTS := swift test $(TESTABLE) --disable-testable-imports --disable-build-manifest-caching
TEST_LIBRARY := $(RUN_TESTS) --scratch-path .build/tests $(TEST_FLAGS)
TEST_EXAMPLES := $(RUN_TESTS) --package-path Examples --scratch-path .build/tests $(TEST_FLAGS)
# Of a package that another depends on by path SwiftPM notices changed files but no new ones, unless the other's manifest
# changed too. A folder is changed by files that come and go.
notice_new_files = [ -z "$$(find Package.swift Sources \( -type d -o -name Package.swift \) -newer $(1))" ] || touch $(1)

SOURCES := Package.swift Sources Tests Snippets Examples/Package.swift Examples/Sources Examples/Tests \
   Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources/Fuzz Fuzzing/Sources/FuzzTargets \
   Fuzzing/Sources/FaultInjection Fuzzing/Sources/FetchSample

.PHONY: help setup programs demo train test test-library test-examples test-c c-library test-transforms test-golden \
   test-debug sanitize sanitize-threads sanitize-addresses format lint docs check-rebuilds clean fuzz replay-corpora \
   faults test-distributed kill-ranks

help:
	@echo "make setup        installs the system libraries that are missing"
	@echo "make programs     builds all programs, as .build/programs/NAME"
	@echo "make c-library    builds the engine for C, .build/c-library/liblongconv.so with its headers; test-c: and checks it"
	@echo "make demo         trains and tests a network on handwritten digits (FORM=sequence or FORM=image)"
	@echo "make train        trains a benchmark (EXAMPLE=SequentialMNIST, ARGUMENTS=\"--data FOLDER --overwrite\")"
	@echo "make reproduce-SequentialMNIST  trains with the program's defaults (DATA=FOLDER, SEED=1); so for each program"
	@echo "make test         builds and runs all tests (TEST_FLAGS=\"--filter NAME\"); test-library and test-examples: its halves"
	@echo "make test-transforms  runs the engine's tests with each kind of transforms and each instruction set"
	@echo "make test-distributed  trains over 1 to 8 processes with Open MPI and MPICH, and compares the models"
	@echo "make kill-ranks   kills each of three processes of trainings at random moments (KILLS=20), and resumes"
	@echo "make test-golden  builds and runs the comparison with the golden tensors"
	@echo "make test-debug   runs the engine's and the tensors' tests with assertions and checks for overflow"
	@echo "make sanitize     runs the library's tests and a program under the sanitizers (sanitize-threads, sanitize-addresses)"
	@echo "make fuzz         fuzzes every reader (SECONDS=300, TARGETS=\"...\"); replay-corpora: each kept input once"
	@echo "make faults       makes every system call of a training, a report and a download fail in turn"
	@echo "make benchmarks   builds the benchmarks"
	@echo "make bench        times the engine against the transforms that it executes"
	@echo "make peers        times the engine against PyTorch, JAX, MLX, SciPy, pyFFTW, ducc0 and zita-convolver"
	@echo "make peers-terminator  times training steps against PyTorch"
	@echo "make compare-kernels   trains a network with every kind of kernels (MNIST=FOLDER)"
	@echo "make python       builds the Python package and installs it in .build/python-venv"
	@echo "make test-python  runs its tests and SciPy's; test-python-frameworks: those with PyTorch and JAX"
	@echo "make format       formats the sources in place"
	@echo "make lint         checks the sources' format"
	@echo "make docs         writes the documentation to .build/documentation/site"
	@echo "make check-rebuilds  checks that demo, test and programs compile nothing that is compiled already"
	@echo "make drawings     draws the documentation's pictures (make check-drawings: compares them)"
	@echo "make clean        removes everything that was built"

setup:
	@Scripts/install-libraries

PROGRAMS := Digits SequentialMNIST PermutedMNIST SequentialCIFAR10 CIFAR10 CIFAR100 STL10 AddingProblem CopyMemory \
   CharacterModel KernelFitting StreamingReverb ConvolveFile CommunicatorCheck \
   DistributedConvolutionCheck

# One by one: built all at once, SwiftPM compiles the programs of swift-protobuf as well, the second time at the latest.
# A program is a link to what SwiftPM built. Run through it, the program is still the file behind it: a program finds its
# resources, such as the digits' data, beside its own file (/proc/self/exe), not beside the link.
.PHONY: $(addprefix .build/programs/,$(PROGRAMS))
LINK = mkdir -p .build/programs && \
   for program in $(1); do ln -sfn ../../Examples/.build/release/$$program .build/programs/$$program; done
programs: setup
	@$(call notice_new_files,Examples/Package.swift)
	for program in $(PROGRAMS); do $(BUILD_PROGRAMS) --product $$program || exit; done
	@$(call LINK,$(PROGRAMS))

$(addprefix .build/programs/,$(PROGRAMS)): .build/programs/%: setup
	@$(call notice_new_files,Examples/Package.swift)
	$(BUILD_PROGRAMS) --product $*
	@$(call LINK,$*)

FORM := sequence
demo: .build/programs/Digits
	rm -rf .build/demo
	.build/programs/Digits train --preset digits-$(FORM) --output .build/demo

EXAMPLE := SequentialMNIST
train: .build/programs/$(EXAMPLE)
	.build/programs/$(EXAMPLE) train $(ARGUMENTS)

# A program with its defaults: the runs behind the table of results. One that was stopped goes on with the same command,
# and one that is over is tested again.
REPRODUCED := $(filter-out KernelFitting StreamingReverb ConvolveFile %Check,$(PROGRAMS))
SEED := 1
.PHONY: $(addprefix reproduce-,$(REPRODUCED))
$(addprefix reproduce-,$(REPRODUCED)): reproduce-%: .build/programs/%
	@output=results/$*/seed-$(SEED); data="$(if $(DATA),--data $(DATA))"; resume=; \
	if [ -e $$output/checkpoint.safetensors ]; then resume=--resume; fi; \
	if [ -e $$output/model.safetensors ] && [ -z "$$resume" ]; then \
	    set -- evaluate $$output/model.safetensors $$data; \
	else set -- train $$data --seed $(SEED) --output $$output $$resume; fi; \
	echo .build/programs/$* "$$@"; .build/programs/$* "$$@"

# All of them run even if the first fail; the exit code says that some did.
test: setup
	@$(MAKE) --no-print-directory --keep-going test-library test-examples test-c

test-library: setup
	$(TEST_LIBRARY)

test-examples: setup
	$(TEST_EXAMPLES)

# The library for C needs no Swift where it is used: the standard library is a part of it, FFTW is the system's.
c-library: setup
	Scripts/c-library
test-c: c-library
	Scripts/c-library --check

# The engine's tests with each kind of transforms and each instruction set, whatever a plan would choose by itself.
SETS := baseline avx2 avx512
test-transforms: setup
	LONGCONV_TRANSFORMS=fftw $(TEST_LIBRARY) --filter ConvolutionTests
	for set in $(SETS); do LONGCONV_TRANSFORMS=lanes LONGCONV_INSTRUCTION_SET=$$set \
	    $(TEST_LIBRARY) --skip-build --filter ConvolutionTests || exit; done

test-golden: setup
	$(TEST_LIBRARY) --filter GoldenTests

# Trainings over several processes, each under Open MPI and MPICH, which are installed (MNIST=FOLDER for real images).
DISTRIBUTED := Digits SequentialMNIST AddingProblem CommunicatorCheck DistributedConvolutionCheck
test-distributed: $(addprefix .build/programs/,$(DISTRIBUTED))
	@Scripts/install-python
	Scripts/install-mpi
	Scripts/test-distributed

KILLS := 20
kill-ranks: .build/programs/Digits
	Scripts/install-mpi
	Scripts/kill-ranks --kills $(KILLS)

# Crashes that tests expect need no backtraces, and the death of a process frees nothing by itself.
# Debug configuration, with assertions and the standard library's checks of unsafe buffers, but optimized: without, direct sums
# and finite differences take a quarter of an hour. Tests that say nothing here that the release build does not are marked
# `.releaseOnly`. The package is the library without what stands above the tensors: tests of a package are built all or none.
CHECKED := -Xswiftc -O -Xswiftc -assert-config -Xswiftc Debug -Xcc -O2 -Xcc -Werror
test-debug: setup
	@mkdir -p .build/engine && ln -sfn ../../Package.swift ../../Sources ../../Tests .build/engine/
	LONGCONV_ENGINE_ONLY=yes SWIFT_BACKTRACE=enable=no swift test $(CHECKED) $(SWIFT_FLAGS) --package-path .build/engine \
	   --scratch-path .build/tests-debug $(TEST_FLAGS)

# What the sanitizers are to see: what runs on several threads, moves in memory, or is read from outside. Exhaustive loops over
# shapes and whole trainings that are like others add nothing to that and take a sanitizer a quarter of an hour.
NOT_SANITIZED := ExhaustiveTests|AccuracyTests|LongRowTests|PropertyTests|GoldenTests|GuideTests|SlowNetTests|GradientTests|everySmallSize|everyKernelLength|everyLength|longStreams|longKernel|everyPresetHasTheBits
# Loops that one thread runs say nothing to the thread sanitizer, which does not follow threads of a forked process.
NOT_FOR_THREADS := $(NOT_SANITIZED)|RangeTests|InstructionSetTests|ResidueLaneTests|TransformTests|IsolationTests|ForkTests
SANITIZED_C := -Xcc -fsanitize=undefined -Xcc -fno-sanitize=alignment,function -Xcc -fno-sanitize-recover=undefined \
   -Xcc -Wno-pass-failed
# FOLDER, FLAGS, SKIPPED: the tests, and a program on top of what they have built.
define run_sanitized
SWIFT_BACKTRACE=enable=no $(RUN_TESTS) $(2) --scratch-path .build/sanitize-$(1) --skip '$(3)'
@$(call notice_new_files,Examples/Package.swift)
swift build $(TESTABLE) $(2) --package-path Examples --product Digits --scratch-path .build/sanitize-$(1)
Scripts/exercise-program .build/sanitize-$(1)/release/Digits
endef
# make --jobs=2 sanitize runs both halves at once.
sanitize: sanitize-threads sanitize-addresses
sanitize-threads: setup
	$(call run_sanitized,threads,--sanitize=thread,$(NOT_FOR_THREADS))
sanitize-addresses: export ASAN_OPTIONS := detect_leaks=0
sanitize-addresses: setup
	$(call run_sanitized,addresses,--sanitize=address $(SANITIZED_C),$(NOT_SANITIZED))

SECONDS := 300
fuzz: setup
	Scripts/fuzz --seconds $(SECONDS) $(TARGETS)
replay-corpora: setup
	Scripts/fuzz --replay

faults: programs
	Scripts/inject-faults

format:
	swift format format --in-place --parallel --recursive $(SOURCES)

lint:
	swift format lint --strict --parallel --recursive $(SOURCES)

# The symbol graphs of modules that are compiled, those of both packages: the programs' build has all of them, and so has
# that of their tests (make docs DOCUMENTED_BUILD=.build/tests/release).
DOCUMENTED := Convolution SignalFiles Tensors Terminator Training DataFetching TensorBoard Reports YAMLConfiguration ExampleSupport \
   DataCommands
DOCUMENTED_BUILD := Examples/.build/release
DOCUMENTATION := .build/documentation
docs: $(if $(filter Examples/.build/release,$(DOCUMENTED_BUILD)),programs)
	Scripts/symbol-graphs $(DOCUMENTED_BUILD) $(DOCUMENTATION)/graphs $(DOCUMENTED)
	docc convert Docs/LongConvolution.docc --additional-symbol-graph-dir $(DOCUMENTATION)/graphs \
	   --fallback-display-name LongConvolution --output-path $(DOCUMENTATION)/site
	@echo "To read it: python3 -m http.server --directory $(DOCUMENTATION)/site, then /documentation/longconvolution"

check-rebuilds:
	Scripts/check-rebuilds

# The documentation's drawings are made by scripts; the files are the same on every machine.
.PHONY: drawings check-drawings
drawings:
	@Scripts/install-python
	Scripts/draw
check-drawings:
	@Scripts/install-python
	Scripts/draw --check

clean:
	rm -rf .build Examples/.build Benchmarks/.build

include Benchmarks/benchmarks.mk
include Python/python.mk
