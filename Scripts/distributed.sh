# What the scripts that train over processes share; they source it from the package's folder.
programs=${PROGRAMS:-$PWD/.build/programs}
# As root, in containers, and with more processes than cores.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_base_warn_component_unused=0
export SWIFT_BACKTRACE=enable=no

launchers=()
for launcher in mpirun.openmpi mpirun.mpich; do
    if command -v $launcher >/dev/null; then launchers+=($launcher); fi
done
if [ ${#launchers[@]} -eq 0 ]; then launchers=(mpirun); fi

failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

train() { # launcher processes program output arguments...
    local launcher=$1 count=$2 program=$3 output=$4
    shift 4
    if [ "$launcher" = none ]; then
        "$programs/$program" train --threads 1 --output "$output" "$@"
    else
        $launcher -n "$count" "$programs/$program" train --distributed --threads 1 --output "$output" "$@"
    fi
}
descendants() { # of a process
    local child
    for child in $(ps -o pid= --ppid "$1"); do
        echo "$child"
        descendants "$child"
    done
}
ranks() { # the processes that a launcher has started
    local child
    for child in $(descendants "$1"); do
        case $(ps -o args= -p "$child") in "$programs"/*) echo "$child" ;; esac
    done
}
