"""The criteria language, whole: what a rule may say, what it means, how it reads, and when two rules are the same.

- `operators`: one record for each operator; everything else here reads it;
- `tree`: a rule as frozen values, read from a program or from the registry;
- `canonical`: the form in which two equal rules look alike;
- `comparison`: a rule in the order of another, and what differs between two;
- `words`: a rule in one line of words;
- `matches`: whether a rule fires;
- `relation`: whom a rule reaches beside another, and what in a rule decides nothing; by `cells` of values and `formulas`;
- `patterns`: regular expressions that Signals' engine may refuse; `texts`: texts that tell `like` patterns apart.
"""
