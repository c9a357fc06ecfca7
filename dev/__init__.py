"""Tools of this repository's developers; nothing here is part of the addon."""
