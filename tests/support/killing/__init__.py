"""Cuts operations by killing processes: the whole run, or the provider alone, while a request is at work.

Each cut is a set of resources of its own in one program, so that one kill cuts several of them, and one stack, killed again
and again, cuts an operation at each of its requests.

- `cuts`: where an operation is cut, and the texts of its programs;
- `runs`: what is killed where requests hang, and begun again;
- `stack`: what carries an operation on rules out, is killed, and goes on;
- `groups`: the same of groups whose users move with them.
"""
