"""`pulumi-signals doctor`: tests what a real account allows, and which assumptions about the service hold there."""
