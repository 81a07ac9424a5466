"""What is counted, timed and metered, one row each."""

from __future__ import annotations

from benchbench.quantities.quantity import Dependence, Method, Quantity

SIZE = Method(
    "Size and FLOPs",
    "Counted, not timed. FLOPs are those of the matrix work (linear layers, convolutions, attention products), one "
    "multiply-accumulate counting as two; normalisation and activations are counted apart.",
)
TIME = Method(
    "Latency and throughput",
    "Models that are compared run in turn within the same processes, so that drift of the machine meets all of them; "
    "several fresh processes. The median is that of a process, over processes, with Student's interval. A p90 and a "
    "p99 lie between order statistics, without an assumption about the distribution; queries of one burst, round or "
    "process that go together count as fewer. The ends of their intervals are two one-sided 95 % bounds; a p90 needs "
    "at least 29 queries and a p99 299, and is absent without.",
)
RATIO = Method(
    "Speedup",
    "The ratio of times in the same round of the same process; a process's ratio is the median of its rounds. The "
    "interval is Student's over processes, or over blocks of rounds where processes do not differ. Further processes "
    "time what is not decided yet; a ratio that they were stopped for has an interval at 97 %.",
)
COPIES = Method(
    "Copying to an accelerator",
    "Copying a query to the accelerator, computing and copying the answer back, each between two events on the "
    "accelerator itself; the median over queries of what the copies take of the whole.",
)
LAYERS = Method(
    "Time of layers",
    "PyTorch eager in fp32 with the layers as transformers writes them, and a clock around each module; medians over "
    "several passes, as shares of their sum.",
)
SERVICE = Method(
    "As a service",
    "Queries arrive at random (MLCommons LoadGen); the highest rate at which 99 of 100 are within the bound, "
    "tested as a share at 95 %, is searched by halving. The largest batch is searched by doubling, each size in a "
    "fresh process.",
)
INSTANCES = Method(
    "Several instances",
    "Fresh processes, each kept on physical cores of its own, open the same prepared model, begin together and answer "
    "one query after the other. Counted is what is answered while all of them do. Several rounds, in each every way to "
    "share the cores once, in changed order; intervals are Student's over rounds, and the gain over one process with "
    "all cores is paired within a round. Where there are many ways, a short look at each chooses those that are "
    "measured. A neighbour slows threads that wait for one another more than processes that do not: beside one a gain "
    "is unstable, and no sentence claims it. Memory is that of whole processes, Python and the engine included.",
)
PADDING = Method("Padding", "Padding tokens as a share of all tokens computed, counted over the batches that ran.")
BATCHING = Method(
    "Texts of mixed lengths",
    "The same texts, of lengths as evenly spaced quantiles of a log-normal distribution, in an order that the seed "
    "decides, are made into batches of so many texts or of at most so many tokens, padding counted, as they come or "
    "sorted. A query is all of the texts, batch after batch; all ways of a model run in the same rounds, and a speedup "
    "is the ratio of their times there. Tokens per second are those of the texts: padding does not count.",
)
MEMORY = Method(
    "Memory",
    "The growth of a fresh process above its own size before the model was loaded. On an accelerator the device's own "
    "memory instead, as the engine allocates it, and beside it what its allocator reserves, what the driver counts for "
    "the whole device, and the growth of the process on the host.",
)
ENERGY = Method(
    "Energy and carbon",
    "'measured' where a power meter could be read, 'modelled' where time is multiplied by assumed watts. Emissions are "
    "energy times the carbon intensity of the grid of the country that the settings name.",
)
DEPLOYMENT = Method(
    "On a target",
    "The fine-tuned model is prepared for the target, and that artefact answers every evaluation example through the "
    "engine that is then timed on the same texts. Its change is against the model as transformers writes it, in "
    "PyTorch and fp32, on the same examples: a paired interval. Agreement is the share of examples with the "
    "same answer, for regressions the correlation of the answers.",
)
REQUEST = Method(
    "From text to label",
    "A query is timed from the text as it is written to its answer, and the clock is read between: what comes before "
    "is making tokens and a batch of them, with the tokenizers library as a service has it. Its energy is metered "
    "apart. A cold start is a new process, from its start to its first answer: imports, loading, one query; the files "
    "are in the system's cache already. Preparing (export, compile, quantise) is timed in a new process too, imports "
    "included.",
)
LIMIT = Method(
    "The machine's limit",
    "The fastest matrix product and memory traffic that this machine showed at the target's precision and threads.",
)
TRAINING = Method("Cost of training", "The time of training alone; loading, tokenising and evaluating are not in it.")

_MODEL: frozenset[Dependence] = frozenset({"model"})
_WORK: frozenset[Dependence] = frozenset({"model", "shape"})
_RUN: frozenset[Dependence] = frozenset({"model", "shape", "machine"})
_MACHINE: frozenset[Dependence] = frozenset({"machine"})
_TRAINED: frozenset[Dependence] = frozenset({"model", "task", "machine"})
_TEXTS: frozenset[Dependence] = frozenset({"model", "task", "shape"})
_SYSTEM: frozenset[Dependence] = frozenset({"model", "task", "machine"})
_SEEN: frozenset[Dependence] = frozenset({"model", "task"})


MEASURED: tuple[Quantity, ...] = (
    Quantity("parameters", "1", "lower", "Parameters", SIZE, _MODEL, "count"),
    Quantity("weight_bytes", "B", "lower", "Weights", SIZE, _MODEL),
    Quantity("macs", "MAC", "lower", "Multiply-accumulates", SIZE, _WORK),
    Quantity("flops", "FLOP", "lower", "FLOPs", SIZE, _WORK),
    Quantity("flops_other", "FLOP", "lower", "FLOPs outside matrix work", SIZE, _WORK),
    Quantity("flops_share", "1", "neither", "Share of FLOPs", SIZE, _WORK, "share"),
    Quantity("latency_p50", "ms", "lower", "Latency p50", TIME, _RUN, percentile=50),
    Quantity("latency_p90", "ms", "lower", "Latency p90", TIME, _RUN, percentile=90),
    Quantity("latency_p99", "ms", "lower", "Latency p99", TIME, _RUN, percentile=99),
    Quantity("latency_mean", "ms", "lower", "Latency mean", TIME, _RUN),
    Quantity("latency_floor", "ms", "neither", "Latency at GEMM peak", LIMIT, _RUN),
    Quantity("latency_share", "1", "neither", "Share of latency", LAYERS, _RUN, "share"),
    Quantity("speedup", "1", "higher", "Speedup", RATIO, _RUN, "factor"),
    Quantity("throughput", "examples/s", "higher", "Throughput", TIME, _RUN),
    Quantity("token_throughput", "tokens/s", "higher", "Tokens per second", TIME, _RUN),
    Quantity("batching_speedup", "1", "higher", "Speedup by batching", BATCHING, _RUN, "factor"),
    Quantity("copy_share", "1", "lower", "Share of copying", COPIES, _RUN, "share"),
    Quantity("largest_batch", "1", "higher", "Largest batch in the memory limit", SERVICE, _RUN),
    Quantity("server_rate", "queries/s", "higher", "Queries per second within the p99 bound", SERVICE, _RUN),
    Quantity("instances_gain", "1", "higher", "Over one process with all cores", INSTANCES, _RUN, "factor"),
    Quantity("instances_memory", "B", "lower", "Memory of all processes", INSTANCES, _RUN),
    Quantity("padding_waste", "1", "lower", "Padding waste", PADDING, _TEXTS, "share"),
    Quantity("weights_memory", "B", "lower", "Memory of loaded weights", MEMORY, _RUN),
    Quantity("activation_memory", "B", "lower", "Memory of activations", MEMORY, _RUN),
    Quantity("peak_memory", "B", "lower", "Peak memory", MEMORY, _RUN),
    Quantity("reserved_memory", "B", "lower", "Device memory reserved", MEMORY, _RUN),
    Quantity("driver_memory", "B", "lower", "Device memory in use", MEMORY, _RUN),
    Quantity("host_memory", "B", "lower", "Peak memory of the host", MEMORY, _RUN),
    Quantity("energy_per_example", "J", "lower", "Energy per example", ENERGY, _RUN),
    Quantity("energy_cpu_share", "1", "neither", "Share of energy: CPU", ENERGY, _RUN, "share"),
    Quantity("energy_gpu_share", "1", "neither", "Share of energy: GPU", ENERGY, _RUN, "share"),
    Quantity("energy_ram_share", "1", "neither", "Share of energy: RAM", ENERGY, _RUN, "share"),
    Quantity("emissions_per_1k", "gCO2eq", "lower", "Emissions per 1000 examples", ENERGY, _RUN),
    Quantity("power", "W", "lower", "Power", ENERGY, _RUN),
    Quantity("idle_power", "W", "lower", "Idle power", ENERGY, _MACHINE),
    Quantity("gemm_peak", "FLOP/s", "higher", "GEMM peak of the machine", LIMIT, _MACHINE),
    Quantity("memory_bandwidth", "B/s", "higher", "Memory bandwidth of the machine", LIMIT, _MACHINE),
    Quantity("achieved_flops", "FLOP/s", "higher", "Achieved FLOP/s", LIMIT, _RUN),
    Quantity("roofline_fraction", "1", "higher", "Fraction of GEMM peak", LIMIT, _RUN, "share"),
    Quantity("score_change", "1", "higher", "Change of the score", DEPLOYMENT, _SYSTEM),
    Quantity("agreement", "1", "higher", "Agreement with fp32", DEPLOYMENT, _SYSTEM, "share"),
    Quantity("text_latency_p50", "ms", "lower", "Text to label p50", REQUEST, _RUN),
    Quantity("text_latency_p90", "ms", "lower", "Text to label p90", REQUEST, _RUN),
    Quantity("text_latency_p99", "ms", "lower", "Text to label p99", REQUEST, _RUN),
    Quantity("tokenisation_share", "1", "neither", "Share of tokenising", REQUEST, _RUN, "share"),
    Quantity("tokenisation_energy", "J", "lower", "Energy of tokenising", REQUEST, _RUN),
    Quantity("truncated_share", "1", "lower", "Texts that are cut", REQUEST, _SEEN, "share"),
    Quantity("cold_start", "s", "lower", "Cold start", REQUEST, _RUN),
    Quantity("prepare_time", "s", "lower", "Time to prepare", REQUEST, _RUN),
    Quantity("artefact_bytes", "B", "lower", "Bytes on disk", DEPLOYMENT, _MODEL),
    Quantity("train_loss", "1", "lower", "Training loss", TRAINING, _TRAINED),
    Quantity("train_examples", "1", "neither", "Training examples", TRAINING, _SEEN, "count"),
    Quantity("train_time", "s", "lower", "Training time", TRAINING, _TRAINED),
    Quantity("train_energy", "J", "lower", "Training energy", ENERGY, _TRAINED),
    Quantity("train_emissions", "gCO2eq", "lower", "Training emissions", ENERGY, _TRAINED),
    Quantity("train_throughput", "examples/s", "higher", "Training throughput", TRAINING, _TRAINED),
    Quantity("train_padding_waste", "1", "lower", "Padding waste in training", PADDING, _SEEN, "share"),
)
