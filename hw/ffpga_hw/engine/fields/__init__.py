"""What an engine has in place of ordinary blocks where layers have receptive fields: each extends the one of its name.

A walk takes its list tile by tile, of each group those tiles that its block sees; which entries are a tile's is kept
beside the lists, and looked up while the tile before is walked.
"""
