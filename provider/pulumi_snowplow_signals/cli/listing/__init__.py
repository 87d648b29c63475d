"""`pulumi-signals list`: what is live, and which stack manages it."""
