"""Enough of the Pulumi engine to preview, deploy, refresh and destroy a Python program of dynamic resources.

It exists for laptops, tests and closed networks where no `pulumi` command can be had. The program and its dynamic
providers run unchanged, in processes of their own, over Pulumi's own gRPC protocols; the state is Pulumi's deployment
format. What the engine does not do it refuses by name. How the parts fit:

- `command` and `run`: options, and the order of things in one run;
- `interruption`: what Ctrl-C does to a run;
- `config` and `settings`: project and stack files; `hosts`: the two processes; `provider`: calls to a provider;
- `monitor`: what the program asks for, decoded by `requests` into goals (`model`);
- `deployment`: from a goal to a finished step, decided by the pure functions of `plan`, `paths` and `removal`;
- `state`, `snapshot`, `secrets`: what is kept; `places`, `files`, `lock`: where, and who may touch it; `stored`, `records`,
  `validation`: its form;
- `report`, `render`, `digest`: what is shown.
"""
