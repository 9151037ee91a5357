"""The language that finds agents: in the search box, in saved views and on the command line."""
