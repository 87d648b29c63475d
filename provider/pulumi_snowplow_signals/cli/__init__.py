"""The `pulumi-signals` command: what stands between a pull request and rules that fire on live visitors.

- `main`: where the command begins, also where the extra `cli` is missing;
- `command`: its options, by click;
- `preview`: the JSON of a preview, read; `values`: what a reader may see of it; `changes`: what it does to visitors;
- `summary`, with `markdown`, `text` and `document`: the same, told to a reviewer;
- `program`, `program_host`: a program run without an engine; `validation`: its faults; `revision`: another commit of it;
- `connection`: how those that need the registry reach it, by the provider's own settings, client and lifecycle;
- `export`: a registry in use, written as the program that takes it over; `listing`: what is live, and which stack manages it;
  `doctor`: what an account allows.
"""
