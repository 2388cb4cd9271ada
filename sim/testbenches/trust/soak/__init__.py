"""Random commands to virtual boards and golden devices for as long as one likes."""
