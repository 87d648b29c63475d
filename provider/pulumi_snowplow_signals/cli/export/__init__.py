"""`pulumi-signals export`: a registry in use, written as the program that takes it over."""
