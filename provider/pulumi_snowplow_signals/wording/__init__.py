"""Every sentence that contains a user's value: the domain returns values, and this package turns them into text.

Values of secret inputs never become text. One object, `Wording`, knows which inputs are secret; each call builds its own.
"""
