"""What flows between the engine's blocks, each signature declared once.

Directions are those of the block that is named first: it has the signature as `Out`, the other ones as `In`.
"""
