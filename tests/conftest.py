"""For every test: programs are started in an environment that the console has nothing to say about."""

import os

from console import environment

environment.drop_dangerous(os.environ)
