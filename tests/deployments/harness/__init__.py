"""Takes whole Pulumi programs through an engine, as data says, and holds what happened against what was promised.

- `model`: what a lifecycle is: stages, each a program, a command and what has to come of it;
- `programs`: the text of programs, and what they have in common;
- `outsider`: whoever else writes to the registry meanwhile;
- `engines`: the local engine and the real one, which tell what they did in the same terms (`outcome`);
- `killing`: what ends them without a word;
- `judgement`: an outcome against a stage;
- `running`: all of it together, for one lifecycle.
"""

from harness.engines import ENGINES, LocalEngine, PulumiEngine
from harness.model import Lifecycle, Stage
from harness.outsider import Outsider
from harness.programs import Code, moved, rule
from harness.running import carry_out

__all__ = [
    "ENGINES",
    "Code",
    "Lifecycle",
    "LocalEngine",
    "Outsider",
    "PulumiEngine",
    "Stage",
    "carry_out",
    "moved",
    "rule",
]
