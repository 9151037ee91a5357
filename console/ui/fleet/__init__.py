"""What narrows the list of agents: the panel of clients and views beside it, and the chips above it."""
