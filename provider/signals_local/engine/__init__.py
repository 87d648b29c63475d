"""Enough of the Pulumi engine to preview, deploy, refresh and destroy a Python program of dynamic resources.

It exists for laptops, tests and closed networks where the `pulumi` command is not available. The program and its dynamic
providers run unchanged, in their own processes, over Pulumi's own gRPC protocols. The state uses Pulumi's deployment format. The
engine refuses features that it lacks, and names them. How the parts fit together:

- `command` and `run`: options, and the sequence of one run;
- `interruption`: what Ctrl-C does to a run;
- `config` and `settings`: project and stack files; `hosts`: the two processes; `provider`: calls to a provider;
- `monitor`: requests of the program, decoded by `requests` into goals (`model`);
- `deployment`: from a goal to a finished step, decided by the pure functions of `plan`, `paths` and `removal`;
- `state`, `snapshot`, `secrets`: the stored state; `places`, `files`, `lock`: its location and access to it; `stored`,
  `records`, `validation`: its format;
- `report`, `render`, `digest`: the output.
"""
