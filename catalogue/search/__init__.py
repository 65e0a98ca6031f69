"""Finding records: what is indexed, how one asks, and the engines that answer."""
