"""The `pulumi-signals` command, which checks changes before rules fire on live visitors.

- `main`: the entry point, which also works without the extra `cli`;
- `command`: the options, by click;
- `preview`: parses the JSON of a preview; `values`: what a reader may see of it; `changes`: what it does to visitors;
- `summary`, with `markdown`, `text` and `document`: shows it to a reviewer;
- `program`, `program_host`: run a program without an engine; `validation`: its faults; `revision`: another commit of it;
- `connection`: reaches the registry with the provider's own settings, client and lifecycle;
- `export`: writes a registry as the program that takes it over; `listing`: what is live, and which stack manages it;
  `doctor`: what an account allows.
"""
