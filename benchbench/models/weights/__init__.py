"""Where weights come from: a checkpoint's files, those drawn at random, an encoder under another head."""
