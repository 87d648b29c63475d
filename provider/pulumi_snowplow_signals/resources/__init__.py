"""The resources that a program declares, one file for each."""
