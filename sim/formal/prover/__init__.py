"""What makes a proof: bench, model, provers, broken components, small configurations."""
