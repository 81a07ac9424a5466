#!/bin/sh
# All that this suite can say of a machine with an NVIDIA GPU, within eight minutes and without a network.
#
#   benchmarks/on_gpu.sh OUT [WHEELS]
#
# OUT: a new folder. WHEELS: a folder of wheels for what the machine's Python lacks; they are unpacked under OUT.
# Each stage has a time limit, and what it found is kept as it comes: OUT/stages.tsv says how each ended, with its
# seconds and exit code; OUT/found.tgz is all but wheels and caches. At home `benchbench report OUT/run` writes the page.
#
# PYTHON, TARGETS, SUITE and TRAINING (two suites) may have other values than the usual ones; a test runs the script so
# where there is no GPU.
set -u

[ $# -ge 1 ] || { echo "usage: benchmarks/on_gpu.sh OUT [WHEELS]" >&2; exit 2; }
[ ! -e "$1" ] || { echo "$1 exists already; choose another folder" >&2; exit 2; }
mkdir -p "$1" || exit 2
ROOT=$(cd "$(dirname "$0")/.." && pwd)
export OUT=$(cd "$1" && pwd) WHEELS=${2:+$(cd "$2" && pwd)} PYTHON=${PYTHON:-python3}
ALL=torch-cuda-graph,torch-cuda-bf16,torch-cuda,torch-cuda-fp16,torch-cuda-tf32,torch-cuda-compile
export CHECKED=${TARGETS:-$ALL} TARGETS=${TARGETS:-torch-cuda-graph,torch-cuda-bf16,torch-cuda}
export SUITE=${SUITE:-gpu} TRAINING=${TRAINING:-gpu-training}
export PYTHONPATH="$OUT/site:$ROOT" XDG_CACHE_HOME="$OUT/cache" HF_HUB_OFFLINE=1
MOST_BYTES=16000000
worst=0

# stage NAME SECONDS SCRIPT: run it for at most so long, and note how it ended.
stage() {
    began=$(date +%s)
    timeout -k 5 "$2" sh -uc "$3" >"$OUT/$1.log" 2>&1
    code=$?
    printf '%s\t%s\t%s\n' "$1" "$(($(date +%s) - began))" "$code" | tee -a "$OUT/stages.tsv"
    [ $code -eq 0 ] || worst=3
}

stage environment 60 '
    [ -z "$WHEELS" ] || "$PYTHON" -m pip install --quiet --no-index --no-deps --target "$OUT/site" "$WHEELS"/*.whl
    nvidia-smi || echo "no nvidia-smi"
    "$PYTHON" -m benchbench.cli doctor --json'

# All targets at once: what is asked of them is what they compute.
stage conformance 100 '
    failed=0 running= ; mkdir "$OUT/conformance"
    for target in $(echo "$CHECKED" | tr , " "); do
        "$PYTHON" -m benchbench.cli targets check "$target" --json >"$OUT/conformance/$target.json" &
        running="$running $!"
    done
    for check in $running; do wait "$check" || failed=1; done
    exit $failed'

stage efficiency 220 '
    "$PYTHON" -m benchbench.cli run "$SUITE" --out "$OUT/run" --no-report --targets "$TARGETS"'

stage training 90 '
    "$PYTHON" -m benchbench.cli run "$TRAINING" --out "$OUT/training" --no-report'

stage archive 10 "
    cd \"\$OUT\" && tar czf found.tgz --exclude=./found.tgz --exclude=./site --exclude=./cache --exclude=./archive.log .
    [ \$(wc -c <found.tgz) -le $MOST_BYTES ] || { echo 'found.tgz is larger than $MOST_BYTES bytes'; exit 1; }"

exit $worst
