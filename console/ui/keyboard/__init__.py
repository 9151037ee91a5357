"""Who has the keyboard: the session in front, until the host key gives it back to the console."""
