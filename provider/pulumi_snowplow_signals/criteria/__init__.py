"""The criteria language: what a rule may say, what it means, how it reads, and when two rules are the same.

- `operators`: one record for each operator, which every other module reads;
- `tree`: a rule as frozen values, read from a program or from the registry;
- `canonical`: the form in which equal rules are identical;
- `comparison`: how two rules differ, and how to write one in the order of the other;
- `words`: a rule in one line of words;
- `matches`: whether a rule fires;
- `relation`: how the audiences of two rules compare, and which parts of a rule have no effect; built on `cells` and `formulas`;
- `patterns`: regular expressions that Signals' engine may refuse;
- `texts`: strings that tell `like` patterns apart.
"""
