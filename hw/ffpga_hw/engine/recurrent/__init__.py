"""What a recurrent network's engine has in place of an ordinary one's blocks: each extends the one of its name.

A walk takes the list from below and then the one from above, lists are kept of odd and of even times, and the
sequencer goes through the layers once a time step.
"""
