"""`pulumi-signals export`: writes a registry in use as the program that takes it over."""
