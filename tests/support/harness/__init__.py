"""Takes whole Pulumi programs through an engine, as data says, and holds what happened against what was promised.

- `model`: what a lifecycle is: stages, each a program, a command and what has to come of it;
- `programs`: the text of programs, and what they have in common;
- `outsider`: whoever else writes to the registry meanwhile;
- `engines`: the local engine and the real one, which tell what they did in the same terms (`outcome`);
- `settings`: what they are told of an emulator;
- `leftovers`: the files that they leave;
- `killing`: what ends them without a word;
- `judgement`: an outcome against a stage;
- `running`: all of it together, for one lifecycle.
"""

from harness.engines import ENGINES, ON_BOTH, Engine, LocalEngine, PulumiEngine, needs
from harness.model import Lifecycle, Stage
from harness.outsider import Outsider
from harness.programs import OWNER, Code, declaration, moved, rule
from harness.running import carry_out
from harness.settings import console_settings_of, settings_of

__all__ = [
    "ENGINES",
    "ON_BOTH",
    "OWNER",
    "Code",
    "Engine",
    "Lifecycle",
    "LocalEngine",
    "Outsider",
    "PulumiEngine",
    "Stage",
    "carry_out",
    "console_settings_of",
    "declaration",
    "moved",
    "needs",
    "rule",
    "settings_of",
]
