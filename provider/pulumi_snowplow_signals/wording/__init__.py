"""Every sentence that contains a value of the user's: the domain returns values, and here they become words.

A value of a secret input becomes no words. Which inputs are secret is known to one object, `Wording`, made for each call.
"""
