import os

# Tests share their cores with whatever else runs. Threads that spin while they wait for one another would make a
# small model take minutes on a busy machine. Set before anything imports torch; child processes inherit it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
