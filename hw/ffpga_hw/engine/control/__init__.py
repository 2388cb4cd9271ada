"""What a step does next: layers and phases, walks over words, the words' inputs."""
